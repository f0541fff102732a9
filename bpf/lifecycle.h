/* SPDX-License-Identifier: GPL-2.0 OR BSD-2-Clause */
/* Birth, handshake, shutdown and death of sockets, from their state changes. */
#ifndef DHR_LIFECYCLE_H
#define DHR_LIFECYCLE_H

static __always_inline void count_listener(__u32 netns, __u32 port, bool up)
{
	struct dhr_port_key key = {.netns = netns, .port = port};
	__u32 one = 1, *n = bpf_map_lookup_elem(&listening, &key);

	if (!n) {
		if (up)
			bpf_map_update_elem(&listening, &key, &one, BPF_ANY);
	} else if (up) {
		__sync_fetch_and_add(n, 1);
	} else if (*n > 1) {
		__sync_fetch_and_add(n, -1);
	} else {
		bpf_map_delete_elem(&listening, &key);
	}
}

/* Process context: listen(2). */
static __always_inline void on_listen(const struct sock *sk, __u64 now)
{
	struct dhr_endpoint end;
	struct dhr_sock init = {.role = DHR_ROLE_LISTENER};
	struct dhr_listen *e;

	fill_endpoint(&end, sk, DHR_ROLE_LISTENER);
	count_listener(end.netns, end.sport, true);
	if (!take(sk, &end))
		return;
	init.cookie = bpf_get_socket_cookie((void *)sk);
	bpf_sk_storage_get(&socks, (void *)sk, &init, BPF_SK_STORAGE_GET_F_CREATE);
	e = reserve(DHR_KIND_LISTEN, sizeof(*e), now);
	if (e) {
		e->cookie = init.cookie;
		e->end = end;
		e->backlog = sk->sk_max_ack_backlog;
		e->pad = 0;
		e->head.pid = bpf_get_current_pid_tgid() >> 32;
		submit(e);
	}
	tell_current(now);
}

/* Process context: connect(2), or the send of a fast open. */
static __always_inline void on_connect(const struct sock *sk, __u64 now)
{
	struct dhr_endpoint end;
	struct dhr_sock init = {.role = DHR_ROLE_CLIENT};
	struct dhr_connect *e;

	fill_endpoint(&end, sk, DHR_ROLE_CLIENT);
	if (!take(sk, &end))
		return;
	init.cookie = bpf_get_socket_cookie((void *)sk);
	init.pid = tell_current(now);
	if (!bpf_sk_storage_get(&socks, (void *)sk, &init, BPF_SK_STORAGE_GET_F_CREATE)) {
		count_lost(DHR_KIND_CONNECT);
		return;
	}
	e = reserve(DHR_KIND_CONNECT, sizeof(*e), now);
	if (!e)
		return;
	e->head.pid = init.pid;
	e->cookie = init.cookie;
	e->end = end;
	submit(e);
}

/* Either end; `current` is whoever was interrupted. */
static __always_inline void on_established(const struct sock *sk, struct tcp_sock *tp, bool server,
					   __u64 now)
{
	__u8 role = server ? DHR_ROLE_SERVER : DHR_ROLE_CLIENT;
	struct dhr_endpoint end;
	struct dhr_sock *s;
	struct dhr_established *e;

	fill_endpoint(&end, sk, role);
	if (server) {
		struct dhr_sock init = {.role = DHR_ROLE_SERVER};

		if (!take(sk, &end))
			return;
		init.cookie = bpf_get_socket_cookie((void *)sk);
		s = bpf_sk_storage_get(&socks, (void *)sk, &init, BPF_SK_STORAGE_GET_F_CREATE);
		if (!s) {
			count_lost(DHR_KIND_ESTABLISHED);
			return;
		}
	} else {
		s = bpf_sk_storage_get(&socks, (void *)sk, 0, 0);
		if (!s)
			return;
	}
	/* The handshake is just done: no data has moved, so both counters stand one past their ISN.
	 */
	s->isn_local = tp->snd_una - 1;
	s->isn_remote = tp->rcv_nxt - 1;
	s->request_seq = server ? tp->rcv_nxt : tp->snd_una;
	s->request_end = s->request_seq;
	s->response_seq = server ? tp->snd_una : tp->rcv_nxt;
	e = reserve(DHR_KIND_ESTABLISHED, sizeof(*e), now);
	if (!e)
		return;
	e->cookie = s->cookie;
	e->end = end;
	e->isn_local = s->isn_local;
	e->isn_remote = s->isn_remote;
	e->listener = 0;
	submit(e);
}

/* Process context: accept(2) is about to give the socket `sk` to the caller, or NULL. */
static __always_inline int on_accept(const struct sock *sk)
{
	struct dhr_sock *s;
	__u64 now;

	if (gate != DHR_GATE_OPEN)
		return 0;
	s = bpf_sk_storage_get(&socks, (void *)sk, 0, 0);
	if (!s || s->flags & DHR_F_ACCEPTED)
		return 0;
	now = bpf_ktime_get_ns();
	s->pid = tell_current(now);
	tell_accept(s, s->pid, 0, now);
	return 0;
}

static __always_inline void on_fin(const struct sock *sk, struct dhr_sock *s, int old_state,
				   int new_state, __u64 now)
{
	bool sent = new_state == TCP_FIN_WAIT1 || new_state == TCP_LAST_ACK;
	struct dhr_fin *e;

	s->flags |= sent ? DHR_F_FIN_SENT : DHR_F_FIN_RECEIVED;
	/* A socket with a file behind it was accepted; a sender of FIN is in process context. */
	if (s->role == DHR_ROLE_SERVER && !(s->flags & DHR_F_ACCEPTED) && sk->sk_socket)
		tell_accept(s, sent ? tell_current(now) : 0, DHR_F_DERIVED, now);
	e = reserve(DHR_KIND_FIN, sizeof(*e), now);
	if (!e)
		return;
	e->head.flags = sent ? DHR_F_FIN_SENT : DHR_F_FIN_RECEIVED;
	e->cookie = s->cookie;
	e->old_state = old_state;
	e->new_state = new_state;
	__builtin_memset(e->pad, 0, sizeof(e->pad));
	submit(e);
}

/*
 * The kernel is done with the connection, and the process is not: it has ended its own direction,
 * or was reset, and the last bytes of the other side still wait to be read.
 */
static __always_inline bool keeps_reading(const struct sock *sk, const struct tcp_sock *tp,
					  const struct dhr_sock *s, int old_state)
{
	if (!sk->sk_socket || !unread(s, tp))
		return false;
	return sk->sk_err || old_state == TCP_FIN_WAIT1 || old_state == TCP_FIN_WAIT2 ||
	       old_state == TCP_CLOSING;
}

static __always_inline void on_close(const struct sock *sk, struct tcp_sock *tp, struct dhr_sock *s,
				     int old_state, __u64 now)
{
	struct dhr_close *e;
	bool reading;

	if (s->role == DHR_ROLE_SERVER && !(s->flags & DHR_F_ACCEPTED) && sk->sk_socket)
		tell_accept(s, 0, DHR_F_DERIVED, now);
	if (fin_received(sk))
		s->flags |= DHR_F_FIN_RECEIVED;
	/* A close without a FIN from here is a reset; its own hook comes only after this one. */
	if ((old_state == TCP_ESTABLISHED || old_state == TCP_CLOSE_WAIT) && !sk->sk_err)
		s->flags |= DHR_F_RST_SENT;
	reading = keeps_reading(sk, tp, s, old_state);
	if (s->role != DHR_ROLE_LISTENER && !reading)
		flush_exchange(s, tp, 0, now);
	e = reserve(DHR_KIND_CLOSE, sizeof(*e), now);
	if (!e)
		return;
	e->head.flags = s->flags;
	e->head.pid = s->pid;
	e->cookie = s->cookie;
	e->bytes_sent = 0;
	e->bytes_received = 0;
	e->unread = 0;
	if (s->isn_remote) {
		__u32 end = received_end(tp, s->flags);

		e->bytes_sent =
			stream_position(sent_end(tp, s->flags), s->isn_local + 1, tp->bytes_acked);
		e->bytes_received = stream_position(end, s->isn_remote + 1, tp->bytes_received);
		if (!reading)
			e->unread = end - read_end(tp, s->flags);
	}
	e->srtt_us = tp->srtt_us >> 3;
	e->retransmits = tp->total_retrans;
	e->exchanges = s->exchanges;
	e->err = sk->sk_err;
	/* skc_num is given back before this point; inet_sport is not. */
	e->sport = bpf_ntohs(tp->inet_conn.icsk_inet.inet_sport);
	e->old_state = old_state;
	e->role = s->role;
	__builtin_memset(e->pad, 0, sizeof(e->pad));
	submit(e);
}

static __always_inline int on_state(const struct sock *sk, int old_state, int new_state)
{
	struct tcp_sock *tp;
	struct dhr_sock *s;
	bool begins;
	__u64 now;

	if (!is_tcp(sk))
		return 0;
	/* The table of listeners is kept even while the gate is shut: the first census needs it
	 * whole. */
	if (old_state == TCP_LISTEN && new_state == TCP_CLOSE)
		count_listener(sk->__sk_common.skc_net.net->ns.inum, sk->__sk_common.skc_num,
			       false);
	if (gate == DHR_GATE_SHUT)
		return 0;
	begins = new_state == TCP_LISTEN || new_state == TCP_SYN_SENT ||
		 new_state == TCP_ESTABLISHED;
	if (gate == DHR_GATE_CLOSING && begins)
		return 0;
	now = bpf_ktime_get_ns();
	if (new_state == TCP_LISTEN) {
		on_listen(sk, now);
		return 0;
	}
	if (new_state == TCP_SYN_SENT) {
		on_connect(sk, now);
		return 0;
	}
	tp = tcp_half(sk);
	if (!tp)
		return 0;
	if (new_state == TCP_ESTABLISHED) {
		on_established(sk, tp, old_state == TCP_SYN_RECV, now);
		return 0;
	}
	s = bpf_sk_storage_get(&socks, (void *)sk, 0, 0);
	if (!s)
		return 0;
	if (new_state == TCP_CLOSE)
		on_close(sk, tp, s, old_state, now);
	else if (new_state == TCP_FIN_WAIT1 || new_state == TCP_LAST_ACK ||
		 new_state == TCP_CLOSE_WAIT || new_state == TCP_CLOSING)
		on_fin(sk, s, old_state, new_state, now);
	return 0;
}

#endif

/* SPDX-License-Identifier: GPL-2.0 OR BSD-2-Clause */
/*
 * Every TCP socket of every process, in all network namespaces, in one pass. Rows leave through the
 * iterator's own file, not through the ring: they can be read at leisure and none can be lost.
 */
#ifndef DHR_CENSUS_H
#define DHR_CENSUS_H

static __always_inline __u8 role_of(const struct sock *sk, __u32 netns)
{
	struct dhr_port_key key = {.netns = netns, .port = sk->__sk_common.skc_num};

	if (sk->__sk_common.skc_state == TCP_LISTEN)
		return DHR_ROLE_LISTENER;
	return bpf_map_lookup_elem(&listening, &key) ? DHR_ROLE_SERVER : DHR_ROLE_CLIENT;
}

/*
 * ISNs of a socket whose handshake nobody saw: tcp_ack() counts a client's SYN into bytes_acked
 * and a server's not; bytes_received never counts the SYN.
 */
static __always_inline void old_isns(struct dhr_census *row, const struct tcp_sock *tp)
{
	row->isn_local = tp->snd_una - (__u32)tp->bytes_acked - (row->end.role == DHR_ROLE_SERVER);
	row->isn_remote = tp->rcv_nxt - (__u32)tp->bytes_received - 1;
}

/* FINs of a socket that was there before: its state says whether its own was sent. */
static __always_inline __u16 old_fins(const struct sock *sk)
{
	__u8 state = sk->__sk_common.skc_state;
	__u16 fins = fin_received(sk) ? DHR_F_FIN_RECEIVED : 0;

	if (state == TCP_FIN_WAIT1 || state == TCP_FIN_WAIT2 || state == TCP_CLOSING ||
	    state == TCP_LAST_ACK)
		fins |= DHR_F_FIN_SENT;
	return fins;
}

/* From here on a socket that was there before is recorded like any other. */
static __always_inline void adopt(struct sock *sk, const struct tcp_sock *tp,
				  const struct dhr_census *row)
{
	struct dhr_sock init = {
		.cookie = row->cookie,
		.role = row->end.role,
		.flags = row->head.flags,
		.pid = row->head.pid,
		.isn_local = row->isn_local,
		.isn_remote = row->isn_remote,
	};

	if (init.role == DHR_ROLE_CLIENT) {
		init.request_seq = sent_end(tp, init.flags);
		init.response_seq = read_end(tp, init.flags);
		init.offset = row->bytes_sent;
	} else if (init.role == DHR_ROLE_SERVER) {
		init.request_seq = read_end(tp, init.flags);
		init.request_end = init.request_seq;
		init.offset =
			stream_position(init.request_seq, row->isn_remote + 1, row->bytes_received);
	}
	bpf_sk_storage_get(&socks, sk, &init, BPF_SK_STORAGE_GET_F_CREATE);
}

/* What a row says of the socket itself; its owner is the caller's to fill in. */
static __always_inline void fill_row(struct dhr_census *row, const struct sock *sk,
				     const struct tcp_sock *tp, const struct dhr_sock *known)
{
	row->head.ts = bpf_ktime_get_ns();
	row->head.kind = DHR_KIND_CENSUS;
	row->head.flags = known ? known->flags : DHR_F_PREEXISTING | DHR_F_ACCEPTED | old_fins(sk);
	row->state = sk->__sk_common.skc_state;
	/* Without a handshake there are no positions yet. */
	if (row->end.role == DHR_ROLE_LISTENER || row->state == TCP_SYN_SENT)
		return;
	if (known) {
		row->isn_local = known->isn_local;
		row->isn_remote = known->isn_remote;
		row->exchanges = known->exchanges;
	} else {
		old_isns(row, tp);
	}
	row->bytes_sent =
		stream_position(sent_end(tp, row->head.flags), row->isn_local + 1, tp->bytes_acked);
	row->bytes_received = stream_position(received_end(tp, row->head.flags),
					      row->isn_remote + 1, tp->bytes_received);
}

/*
 * A socket that is being recorded, whether a process holds it or not: it may wait in a listener's
 * queue, or be closed and still be sending.
 */
static __always_inline void tell_recorded(struct seq_file *seq, const struct sock *sk,
					  const struct tcp_sock *tp, const struct dhr_sock *s)
{
	struct dhr_census row = {};

	if (sk->__sk_common.skc_state == TCP_CLOSE)
		return;
	fill_endpoint(&row.end, sk, s->role);
	fill_row(&row, sk, tp, s);
	row.head.pid = s->pid;
	row.cookie = s->cookie;
	bpf_seq_write(seq, &row, sizeof(row));
}

/* A copy of the exchange that a socket holds; the socket goes on as if nothing had been asked. */
static __always_inline void tell_turn(struct seq_file *seq, const struct tcp_sock *tp,
				      const struct dhr_sock *s)
{
	struct dhr_exchange e = {};
	__u64 now = bpf_ktime_get_ns();
	__u32 phase = s->phase;

	if (phase == DHR_PHASE_IDLE)
		return;
	fill_exchange(&e, s, phase, request_seq(s, tp), response_seq(s, tp), DHR_F_UNFINISHED, now);
	e.head.ts = now;
	e.head.kind = DHR_KIND_EXCHANGE;
	bpf_seq_write(seq, &e, sizeof(e));
}

/* What the passes over recorded sockets do with one. */
static __always_inline int on_recorded(struct seq_file *seq, struct sock *sk,
				       const struct tcp_sock *tp, struct dhr_sock *s)
{
	if (s->role == DHR_ROLE_LISTENER)
		return 0;
	if (census_pass == DHR_CENSUS_RECORDED)
		tell_recorded(seq, sk, tp, s);
	else if (census_pass == DHR_CENSUS_TURNS)
		tell_turn(seq, tp, s);
	else if (census_pass == DHR_CENSUS_FLUSH)
		flush_exchange(s, tp, DHR_F_UNFINISHED, bpf_ktime_get_ns());
	return 0;
}

static __always_inline int on_task_file(struct bpf_iter__task_file *ctx)
{
	struct file *file = ctx->file;
	struct task_struct *task = ctx->task;
	struct dhr_census row = {};
	struct dhr_sock *known;
	struct socket *socket;
	struct tcp_sock *tp;
	struct sock *sk;
	__u32 netns;

	if (!file || !task)
		return 0;
	socket = bpf_sock_from_file(file);
	if (!socket)
		return 0;
	sk = socket->sk;
	if (!sk || !is_tcp(sk))
		return 0;
	row.end.role = DHR_ROLE_UNKNOWN;
	netns = sk->__sk_common.skc_net.net->ns.inum;
	if (census_pass == DHR_CENSUS_LISTENERS) {
		/* The same listener may be held by many processes: set, do not count. */
		struct dhr_port_key key = {.netns = netns, .port = sk->__sk_common.skc_num};
		__u32 one = 1;

		if (sk->__sk_common.skc_state == TCP_LISTEN)
			bpf_map_update_elem(&listening, &key, &one, BPF_ANY);
		return 0;
	}
	tp = bpf_skc_to_tcp_sock(sk);
	if (!tp)
		return 0;
	known = bpf_sk_storage_get(&socks, sk, 0, 0);
	if (census_pass >= DHR_CENSUS_RECORDED)
		return known ? on_recorded(ctx->meta->seq, sk, tp, known) : 0;
	if (sk->__sk_common.skc_state == TCP_CLOSE)
		return 0;
	fill_endpoint(&row.end, sk, known ? known->role : role_of(sk, netns));
	if (!known && !(census_pass == DHR_CENSUS_START ? take(sk, &row.end) : wanted(&row.end)))
		return 0;
	fill_row(&row, sk, tp, known);
	row.head.pid = task->tgid;
	row.cookie = bpf_get_socket_cookie(sk);
	row.owner_cgroup = task_cgroup(task);
	bpf_probe_read_kernel_str(row.comm, sizeof(row.comm), task->group_leader->comm);
	if (census_pass == DHR_CENSUS_START) {
		tell_process(task, row.head.ts);
		if (!known)
			adopt(sk, tp, &row);
	}
	bpf_seq_write(ctx->meta->seq, &row, sizeof(row));
	return 0;
}

/* Every socket that is being recorded, in one pass. */
static __always_inline int on_socket_storage(struct bpf_iter__bpf_sk_storage_map *ctx)
{
	struct dhr_sock *s = ctx->value;
	struct sock *sk = ctx->sk;
	struct tcp_sock *tp;

	if (!sk || !s)
		return 0;
	tp = bpf_skc_to_tcp_sock(sk);
	if (!tp)
		return 0;
	return on_recorded(ctx->meta->seq, sk, tp, s);
}

/* Those of one network namespace, whether a process holds them or not. */
static __always_inline int on_tcp(struct bpf_iter__tcp *ctx)
{
	struct sock_common *common = ctx->sk_common;
	struct tcp_sock *tp;
	struct dhr_sock *s;
	struct sock *sk;

	if (!common)
		return 0;
	/* NULL for what is no socket yet, or none any more. */
	tp = bpf_skc_to_tcp_sock(common);
	if (!tp)
		return 0;
	sk = (struct sock *)tp;
	s = bpf_sk_storage_get(&socks, sk, 0, 0);
	return s ? on_recorded(ctx->meta->seq, sk, tp, s) : 0;
}

#endif

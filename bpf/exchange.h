/* SPDX-License-Identifier: GPL-2.0 OR BSD-2-Clause */
/*
 * Request-response turns. A client's exchange begins at the entry of a send and its response when
 * bytes leave the stream towards it; a server's begins when bytes leave the stream and its response
 * at the entry of a send. Byte counts come from the socket's own sequence numbers at the turns, so
 * a turn costs one event however many system calls it took.
 *
 * A new turn while bytes of the other direction wait unread cannot be an honest question and
 * answer: it is flagged, here where it can be seen.
 */
#ifndef DHR_EXCHANGE_H
#define DHR_EXCHANGE_H

static __always_inline bool unread(const struct dhr_sock *s, const struct tcp_sock *tp)
{
	return read_end(tp, s->flags) != received_end(tp, s->flags);
}

static __always_inline __u32 request_seq(const struct dhr_sock *s, const struct tcp_sock *tp)
{
	return s->role == DHR_ROLE_CLIENT ? sent_end(tp, s->flags) : read_end(tp, s->flags);
}

static __always_inline __u32 response_seq(const struct dhr_sock *s, const struct tcp_sock *tp)
{
	return s->role == DHR_ROLE_CLIENT ? read_end(tp, s->flags) : sent_end(tp, s->flags);
}

/*
 * What the exchange that `s` holds says, all but the event's time and kind. `response_end` is the
 * sequence number after its last response byte; `request_end` the one after its last request byte,
 * for exchanges without a response.
 */
static __always_inline void fill_exchange(struct dhr_exchange *e, const struct dhr_sock *s,
					  __u32 phase, __u32 request_end, __u32 response_end,
					  __u16 more_flags, __u64 now)
{
	__u64 ttfb = 0, total = 0, age = now - s->start;
	__u16 flags = s->turn_flags | more_flags | (s->flags & DHR_F_PREEXISTING);

	if (phase == DHR_PHASE_RESPONSE) {
		ttfb = s->first - s->start;
		total = s->last - s->start;
		request_end = s->request_end;
	} else {
		flags |= DHR_F_NO_RESPONSE;
		response_end = s->response_seq;
	}
	if (total >> 32) {
		ttfb /= 1000;
		total /= 1000;
		flags |= DHR_F_MICROS;
	}
	if (age >> 32) {
		age /= 1000000;
		flags |= DHR_F_AGE_MILLIS;
	}
	e->head.flags = flags;
	e->head.pid = s->pid;
	e->cookie = s->cookie;
	e->offset = s->offset;
	e->age = age;
	e->ttfb = ttfb;
	e->total = total;
	e->request_bytes = request_end - s->request_seq;
	e->response_bytes = response_end - s->response_seq;
}

/*
 * Give out the exchange that `s` holds, if `phase` says that it holds one; see fill_exchange().
 * `ends`: what follows on this socket is its end, which goes through the ring at the same moment:
 * so must this.
 */
static __always_inline void emit_exchange(struct dhr_sock *s, __u32 phase, __u32 request_end,
					  __u32 response_end, __u16 more_flags, __u64 now,
					  bool ends)
{
	struct dhr_exchange e;

	if (phase == DHR_PHASE_IDLE)
		return;
	if (phase == DHR_PHASE_RESPONSE)
		s->exchanges++;
	e.head.ts = now;
	e.head.kind = DHR_KIND_EXCHANGE;
	fill_exchange(&e, s, phase, request_end, response_end, more_flags, now);
	s->turn_flags = 0;
	if (ends || !into_half(&e))
		output(&e, sizeof(e));
}

/* The first byte of a new request is at sequence number `seq`. */
static __always_inline void begin_request(struct dhr_sock *s, const struct tcp_sock *tp, __u32 seq,
					  __u64 now)
{
	emit_exchange(s, s->phase, seq, response_seq(s, tp), 0, now, false);
	s->offset += (__u32)(seq - s->request_seq);
	s->request_seq = seq;
	s->response_seq = response_seq(s, tp);
	s->start = now;
	s->phase = DHR_PHASE_REQUEST;
	if (s->exchanges == 0)
		s->turn_flags |= s->flags & DHR_F_SERVER_FIRST;
}

static __always_inline void response_byte(struct dhr_sock *s, const struct tcp_sock *tp, __u64 now)
{
	if (s->phase == DHR_PHASE_REQUEST) {
		s->first = now;
		s->request_end = request_seq(s, tp);
		s->phase = DHR_PHASE_RESPONSE;
	} else if (s->phase == DHR_PHASE_IDLE && !(s->flags & DHR_F_PREEXISTING)) {
		/* Of a socket that was there before, this may answer a request that nobody saw. */
		s->flags |= DHR_F_SERVER_FIRST;
	}
	s->last = now;
}

/* `how` is F_DERIVED where the accept itself was not seen. */
static __always_inline void tell_accept(struct dhr_sock *s, __u32 pid, __u16 how, __u64 now)
{
	struct dhr_accept *e;

	s->flags |= DHR_F_ACCEPTED;
	e = reserve(DHR_KIND_ACCEPT, sizeof(*e), now);
	if (!e)
		return;
	e->head.flags = how | (s->flags & DHR_F_PREEXISTING);
	e->head.pid = pid;
	e->cookie = s->cookie;
	submit(e);
}

/* Process context, and bytes are about to move: the one who moves them owns the socket. */
static __always_inline void note_owner(struct dhr_sock *s, __u64 now)
{
	__u32 pid = bpf_get_current_pid_tgid() >> 32;

	if (pid == s->pid)
		return;
	s->pid = pid;
	tell_process(bpf_get_current_task_btf(), now);
	if (s->role == DHR_ROLE_SERVER && !(s->flags & DHR_F_ACCEPTED))
		tell_accept(s, pid, DHR_F_DERIVED, now);
}

/* Called at the entry of a send, before any of its bytes is in the stream; again for each segment.
 */
static __always_inline int on_send(const struct sock *sk)
{
	struct dhr_sock *s;
	struct tcp_sock *tp;
	__u64 now;

	if (gate != DHR_GATE_OPEN)
		return 0;
	s = bpf_sk_storage_get(&socks, (void *)sk, 0, 0);
	if (!s)
		return 0;
	if (s->role == DHR_ROLE_CLIENT && s->phase == DHR_PHASE_REQUEST)
		return 0; /* more of the same request */
	tp = tcp_half(sk);
	if (!tp)
		return 0;
	now = bpf_ktime_get_ns();
	note_owner(s, now);
	if (s->role == DHR_ROLE_CLIENT) {
		__u16 overlap = s->phase == DHR_PHASE_RESPONSE && unread(s, tp) ? DHR_F_OVERLAP : 0;

		s->turn_flags |= overlap;
		begin_request(s, tp, tp->write_seq, now);
		s->turn_flags |= overlap;
	} else {
		if (s->phase == DHR_PHASE_REQUEST && tp->rcv_nxt != tp->copied_seq &&
		    !fin_received(sk))
			s->turn_flags |= DHR_F_OVERLAP;
		response_byte(s, tp, now);
	}
	return 0;
}

/*
 * The same at the entry of the kernel's function, for kernels without the tracepoint inside it.
 * Here the kernel has not yet looked at what it was given: a send that cannot move a byte begins
 * nothing.
 */
static __always_inline int on_send_entry(const struct sock *sk, __u64 size)
{
	__u8 state = sk->__sk_common.skc_state;

	if (size == 0 || sk->sk_err || (sk->sk_shutdown & DHR_SEND_SHUTDOWN))
		return 0;
	if (state != TCP_ESTABLISHED && state != TCP_CLOSE_WAIT)
		return 0;
	return on_send(sk);
}

/* The socket ends, or the recording does: what is held must come out now. */
static __always_inline void flush_exchange(struct dhr_sock *s, const struct tcp_sock *tp,
					   __u16 flags, __u64 now)
{
	/* The last flush and the end of the socket may come at once, on two CPUs: one of them gets
	 * the turn. */
	__u32 phase = __sync_lock_test_and_set(&s->phase, DHR_PHASE_IDLE);

	emit_exchange(s, phase, request_seq(s, tp), response_seq(s, tp), flags, now, true);
}

/*
 * Called when bytes have left the stream towards the process, once a segment: in recv(2),
 * splice(2), zero-copy receives and inside the kernel alike. A peek comes here too, and has moved
 * nothing.
 */
static __always_inline int on_receive(const struct sock *sk)
{
	struct dhr_sock *s;
	struct tcp_sock *tp;
	__u64 now;

	if (gate != DHR_GATE_OPEN)
		return 0;
	s = bpf_sk_storage_get(&socks, (void *)sk, 0, 0);
	if (!s)
		return 0;
	if (s->role == DHR_ROLE_SERVER && s->phase == DHR_PHASE_REQUEST)
		return 0; /* more of the same request */
	tp = tcp_half(sk);
	if (!tp)
		return 0;
	if (s->role == DHR_ROLE_SERVER) {
		if (tp->copied_seq == s->request_end)
			return 0;
		now = bpf_ktime_get_ns();
		note_owner(s, now);
		begin_request(s, tp, s->request_end, now);
		return 0;
	}
	if (s->phase != DHR_PHASE_RESPONSE && tp->copied_seq == s->response_seq)
		return 0;
	now = bpf_ktime_get_ns();
	note_owner(s, now);
	response_byte(s, tp, now);
	/* After its last state change nothing else would bring the answer out, see keeps_reading().
	 */
	if (sk->__sk_common.skc_state == TCP_CLOSE && !unread(s, tp))
		flush_exchange(s, tp, 0, now);
	return 0;
}

#endif

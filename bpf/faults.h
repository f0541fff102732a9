/* SPDX-License-Identifier: GPL-2.0 OR BSD-2-Clause */
/* What went wrong on the way: segments sent again, connections reset. */
#ifndef DHR_FAULTS_H
#define DHR_FAULTS_H

static __always_inline int on_retransmit(const struct sock *sk)
{
	struct dhr_endpoint end;
	struct dhr_retransmit *e;
	struct dhr_sock *s;
	__u8 state = sk->__sk_common.skc_state;

	if (gate != DHR_GATE_OPEN)
		return 0;
	s = bpf_sk_storage_get(&socks, (void *)sk, 0, 0);
	if (!s)
		return 0;
	fill_endpoint(&end, sk, s->role);
	e = reserve(DHR_KIND_RETRANSMIT, sizeof(*e), bpf_ktime_get_ns());
	if (!e)
		return 0;
	e->head.flags = state == TCP_SYN_SENT ? DHR_F_SYN : 0;
	e->cookie = s->cookie;
	__builtin_memcpy(e->daddr, end.daddr, sizeof(e->daddr));
	e->netns = end.netns;
	e->sport = end.sport;
	e->dport = end.dport;
	e->state = state;
	__builtin_memset(e->pad, 0, sizeof(e->pad));
	submit(e);
	return 0;
}

/* The connection is still a request of the listener `sk`: the remote end is in `req` alone. */
static __always_inline int on_retransmit_synack(const struct sock *sk,
						const struct request_sock *req)
{
	const struct sock_common *skc = &req->__req_common;
	struct dhr_retransmit *e;
	struct dhr_sock *s;

	if (gate != DHR_GATE_OPEN)
		return 0;
	s = bpf_sk_storage_get(&socks, (void *)sk, 0, 0);
	if (!s)
		return 0;
	e = reserve(DHR_KIND_RETRANSMIT, sizeof(*e), bpf_ktime_get_ns());
	if (!e)
		return 0;
	e->head.flags = DHR_F_SYNACK;
	e->cookie = s->cookie;
	if (skc->skc_family == AF_INET)
		mapped_v4(e->daddr, skc->skc_daddr);
	else
		copy_v6(e->daddr, &skc->skc_v6_daddr);
	e->netns = sk->__sk_common.skc_net.net->ns.inum;
	e->sport = skc->skc_num;
	e->dport = bpf_ntohs(skc->skc_dport);
	e->state = TCP_SYN_RECV;
	__builtin_memset(e->pad, 0, sizeof(e->pad));
	submit(e);
	return 0;
}

/* `sk` may be NULL (a reset for no socket) or no full socket: both are nobody's connection. */
static __always_inline int on_reset(const struct sock *sk, __u16 flag)
{
	struct dhr_reset *e;
	struct dhr_sock *s;

	if (gate != DHR_GATE_OPEN || !sk || !bpf_skc_to_tcp_sock((void *)sk))
		return 0;
	s = bpf_sk_storage_get(&socks, (void *)sk, 0, 0);
	if (!s || s->role == DHR_ROLE_LISTENER)
		return 0;
	s->flags |= flag;
	e = reserve(DHR_KIND_RESET, sizeof(*e), bpf_ktime_get_ns());
	if (!e)
		return 0;
	e->head.flags = flag;
	e->cookie = s->cookie;
	e->state = sk->__sk_common.skc_state;
	__builtin_memset(e->pad, 0, sizeof(e->pad));
	submit(e);
	return 0;
}

#endif

/* SPDX-License-Identifier: GPL-2.0 OR BSD-2-Clause */
/* Reading kernel objects: one getter a fact, with the reason where kernels or states differ. */
#ifndef DHR_COMPAT_H
#define DHR_COMPAT_H

/* enum sock_flags: SOCK_DONE is set by tcp_fin() when the other side's FIN came in, by nothing
 * else. */
#define DHR_SOCK_DONE 1

/* include/net/sock.h: this side has ended its direction. */
#define DHR_SEND_SHUTDOWN 2

static __always_inline bool is_tcp(const struct sock *sk)
{
	__u16 family = sk->__sk_common.skc_family;

	return (family == AF_INET || family == AF_INET6) && sk->sk_protocol == IPPROTO_TCP;
}

/*
 * The TCP half of a full socket that is known to be TCP. Linux 6.2 has a cast for it,
 * bpf_rdonly_cast, that is no instruction at all; the helper before it is a call, 25 ns of each
 * run. Which of the two is there, the recorder says before load: the verifier never looks at the
 * other one.
 */
extern void *bpf_rdonly_cast(const void *object, __u32 type) __ksym __weak;
const volatile __u32 has_cast SEC(".rodata.cast") = 0;

static __always_inline struct tcp_sock *tcp_half(const struct sock *sk)
{
	if (has_cast)
		return bpf_rdonly_cast(sk, bpf_core_type_id_kernel(struct tcp_sock));
	return bpf_skc_to_tcp_sock((void *)sk);
}

static __always_inline __u64 sock_cgroup(const struct sock *sk)
{
	struct cgroup *cgroup = sk->sk_cgrp_data.cgroup;

	return cgroup ? cgroup->kn->id : 0;
}

static __always_inline __u64 task_cgroup(struct task_struct *task)
{
	return task->cgroups->dfl_cgrp->kn->id;
}

static __always_inline bool fin_received(const struct sock *sk)
{
	return sk->__sk_common.skc_flags & (1UL << DHR_SOCK_DONE);
}

/*
 * Sequence numbers after the last byte of each direction. A FIN takes a number and is no byte: it
 * is taken off once it was queued, came in, or was read.
 */
static __always_inline __u32 sent_end(const struct tcp_sock *tp, __u16 flags)
{
	return tp->write_seq - !!(flags & DHR_F_FIN_SENT);
}

static __always_inline __u32 received_end(const struct tcp_sock *tp, __u16 flags)
{
	return tp->rcv_nxt - !!(flags & DHR_F_FIN_RECEIVED);
}

static __always_inline __u32 read_end(const struct tcp_sock *tp, __u16 flags)
{
	__u32 end = received_end(tp, flags);

	return (__s32)(tp->copied_seq - end) > 0 ? end : tp->copied_seq;
}

static __always_inline void mapped_v4(__u8 out[16], __be32 addr)
{
	__u32 *word = (__u32 *)out;

	word[0] = 0;
	word[1] = 0;
	word[2] = bpf_htonl(0xffff);
	word[3] = addr;
}

static __always_inline void copy_v6(__u8 out[16], const struct in6_addr *addr)
{
	__u32 *word = (__u32 *)out;

	word[0] = addr->in6_u.u6_addr32[0];
	word[1] = addr->in6_u.u6_addr32[1];
	word[2] = addr->in6_u.u6_addr32[2];
	word[3] = addr->in6_u.u6_addr32[3];
}

/* Who this socket is and whom it talks to. */
static __always_inline void fill_endpoint(struct dhr_endpoint *end, const struct sock *sk,
					  __u8 role)
{
	const struct sock_common *skc = &sk->__sk_common;

	end->cgroup = sock_cgroup(sk);
	end->netns = skc->skc_net.net->ns.inum;
	end->sport = skc->skc_num;
	end->dport = bpf_ntohs(skc->skc_dport);
	end->family = skc->skc_family;
	end->role = role;
	__builtin_memset(end->pad, 0, sizeof(end->pad));
	if (skc->skc_family == AF_INET) {
		mapped_v4(end->saddr, skc->skc_rcv_saddr);
		mapped_v4(end->daddr, skc->skc_daddr);
	} else {
		copy_v6(end->saddr, &skc->skc_v6_rcv_saddr);
		copy_v6(end->daddr, &skc->skc_v6_daddr);
	}
}

/*
 * A position in the stream, 64 bits, from a 32-bit sequence number: its distance to `base`, with
 * the high half taken from the kernel's own 64-bit counter, which is never 2 GiB away but counts
 * SYN and FIN.
 */
static __always_inline __u64 stream_position(__u32 seq, __u32 base, __u64 near)
{
	__u32 low = seq - base;

	return near + (__s32)(low - (__u32)near);
}

#endif

// SPDX-License-Identifier: GPL-2.0 OR BSD-2-Clause
/*
 * What the kernel is asked before anything is recorded: one tiny program a question. The recorder
 * loads and attaches them one at a time and takes them out again (record/features.ts), so that a
 * refusal is a fact with an errno. A program is named after its question, with every sign that is
 * no letter or digit as an underscore.
 */
#include "vmlinux.h"
#include <bpf/bpf_helpers.h>
#include <bpf/bpf_tracing.h>

/* Is there this hook, and may a program sit on it? */
#define HOOK(kind, name)                                                                           \
	SEC(#kind "/" #name)                                                                       \
	int kind##_##name(void *ctx)                                                               \
	{                                                                                          \
		return 0;                                                                          \
	}

HOOK(tp_btf, inet_sock_set_state)
HOOK(tp_btf, tcp_sendmsg_locked)
HOOK(tp_btf, tcp_rcv_space_adjust)
HOOK(tp_btf, tcp_retransmit_skb)
HOOK(tp_btf, tcp_retransmit_synack)
HOOK(tp_btf, tcp_send_reset)
HOOK(tp_btf, tcp_receive_reset)
HOOK(tp_btf, cgroup_mkdir)
HOOK(tp_btf, cgroup_rmdir)
HOOK(fentry, tcp_sendmsg_locked)
HOOK(fentry, do_tcp_sendpages)
HOOK(iter, task_file)
HOOK(iter, bpf_sk_storage_map)
HOOK(iter, tcp)

struct {
	__uint(type, BPF_MAP_TYPE_SK_STORAGE);
	__uint(map_flags, BPF_F_NO_PREALLOC);
	__type(key, int);
	__type(value, __u64);
} storage SEC(".maps");

/* May a program keep state on a socket? Linux had the tracepoint before it had these two helpers
 * there. */
SEC("tp_btf/inet_sock_set_state")
int BPF_PROG(helper_bpf_sk_storage_get, struct sock *sk)
{
	__u64 *value = bpf_sk_storage_get(&storage, sk, 0, 0);

	if (value)
		*value = bpf_get_socket_cookie(sk);
	return 0;
}

/*
 * Which argument is the result of inet_csk_accept? It has two since Linux 6.10, and had four
 * before. Only a pointer that the verifier knows for a socket passes.
 */
SEC("fexit/inet_csk_accept")
int fexit_inet_csk_accept_2_arguments(__u64 *ctx)
{
	bpf_get_socket_cookie((void *)ctx[2]);
	return 0;
}

SEC("fexit/inet_csk_accept")
int fexit_inet_csk_accept_4_arguments(__u64 *ctx)
{
	bpf_get_socket_cookie((void *)ctx[4]);
	return 0;
}

char LICENSE[] SEC("license") = "Dual BSD/GPL";

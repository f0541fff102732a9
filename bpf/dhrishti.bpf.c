// SPDX-License-Identifier: GPL-2.0 OR BSD-2-Clause
/*
 * Table of contents of the kernel side: every hook, one line each. What a hook does is in the
 * header that is named after its concern; which hooks are switched on is the recorder's plan
 * (record/probes.ts).
 */
#include "vmlinux.h"
#include <bpf/bpf_helpers.h>
#include <bpf/bpf_core_read.h>
#include <bpf/bpf_endian.h>
#include <bpf/bpf_tracing.h>
#include "events.h"
#include "maps.h"
#include "emit.h"
#include "compat.h"
#include "filter.h"
#include "workload.h"
#include "exchange.h"
#include "lifecycle.h"
#include "faults.h"
#include "census.h"

/* clang-format off */

/* lifecycle */
SEC("tp_btf/inet_sock_set_state")
int BPF_PROG(state_tp, const struct sock *sk, int old_state, int new_state) { return on_state(sk, old_state, new_state); }

/* exchanges */
SEC("tp_btf/tcp_sendmsg_locked")
int BPF_PROG(send_tp, const struct sock *sk) { return on_send(sk); }

SEC("fentry/tcp_sendmsg_locked")
int BPF_PROG(send_fentry, const struct sock *sk, struct msghdr *msg, __u64 size) { return on_send_entry(sk, size); }

SEC("fentry/do_tcp_sendpages")
int BPF_PROG(sendpages_fentry, const struct sock *sk, struct page *page, int offset, __u64 size) { return on_send_entry(sk, size); }

SEC("tp_btf/tcp_rcv_space_adjust")
int BPF_PROG(receive_tp, const struct sock *sk) { return on_receive(sk); }

/* accept: which argument the result is depends on the kernel, and one program with a branch would not pass */
SEC("fexit/inet_csk_accept")
int BPF_PROG(accept_fexit, struct sock *listener, void *arg, const struct sock *sk) { return on_accept(sk); }

SEC("fexit/inet_csk_accept")
int BPF_PROG(accept_fexit_4, struct sock *listener, int flags, int *err, bool kern, const struct sock *sk) { return on_accept(sk); }

/* faults */
SEC("tp_btf/tcp_retransmit_skb")
int BPF_PROG(retransmit_tp, const struct sock *sk) { return on_retransmit(sk); }

SEC("tp_btf/tcp_retransmit_synack")
int BPF_PROG(synack_tp, const struct sock *sk, const struct request_sock *req) { return on_retransmit_synack(sk, req); }

SEC("tp_btf/tcp_send_reset")
int BPF_PROG(reset_sent_tp, const struct sock *sk) { return on_reset(sk, DHR_F_RST_SENT); }

SEC("tp_btf/tcp_receive_reset")
int BPF_PROG(reset_received_tp, const struct sock *sk) { return on_reset(sk, DHR_F_RST_RECEIVED); }

/* workloads */
SEC("tp_btf/cgroup_mkdir")
int BPF_PROG(cgroup_born_tp, struct cgroup *cgroup, const char *path) { return on_cgroup(cgroup, path, 0); }

SEC("tp_btf/cgroup_rmdir")
int BPF_PROG(cgroup_died_tp, struct cgroup *cgroup, const char *path) { return on_cgroup(cgroup, path, DHR_F_DIED); }

/* census, and the passes over recorded sockets */
SEC("iter/task_file")
int census_iter(struct bpf_iter__task_file *ctx) { return on_task_file(ctx); }

SEC("iter/bpf_sk_storage_map")
int storage_iter(struct bpf_iter__bpf_sk_storage_map *ctx) { return on_socket_storage(ctx); }

SEC("iter/tcp")
int tcp_iter(struct bpf_iter__tcp *ctx) { return on_tcp(ctx); }

char LICENSE[] SEC("license") = "Dual BSD/GPL";

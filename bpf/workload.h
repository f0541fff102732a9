/* SPDX-License-Identifier: GPL-2.0 OR BSD-2-Clause */
/* Names: processes the first time they own a socket, and cgroups as they are born and die. */
#ifndef DHR_WORKLOAD_H
#define DHR_WORKLOAD_H

/* Tell a process unless it was told under this name, and since `telling` was raised. `task` is any
 * of its threads. */
static __always_inline void tell_process(struct task_struct *task, __u64 now)
{
	struct task_struct *leader = task->group_leader;
	__u32 pid = leader->tgid;
	struct dhr_seen me = {.started = leader->start_time, .telling = telling};
	struct dhr_seen *told;
	struct dhr_process *e;

	bpf_probe_read_kernel_str(me.comm, sizeof(me.comm), leader->comm);
	told = bpf_map_lookup_elem(&seen, &pid);
	if (told && told->started == me.started && told->telling == me.telling &&
	    *(__u64 *)told->comm == *(__u64 *)me.comm &&
	    *(__u64 *)(told->comm + 8) == *(__u64 *)(me.comm + 8))
		return;
	e = reserve(DHR_KIND_PROCESS, sizeof(*e), now);
	if (!e)
		return; /* not marked as told: the next socket tries again */
	e->head.pid = pid;
	e->cgroup = task_cgroup(leader);
	e->started = me.started;
	e->ppid = leader->real_parent->tgid;
	e->pad = 0;
	__builtin_memcpy(e->comm, me.comm, sizeof(e->comm));
	__builtin_memset(e->exe, 0, sizeof(e->exe));
	bpf_probe_read_kernel_str(e->exe, sizeof(e->exe),
				  leader->mm->exe_file->f_path.dentry->d_name.name);
	submit(e);
	bpf_map_update_elem(&seen, &pid, &me, BPF_ANY);
}

/* The caller must be in process context: only then is `current` the owner. Gives the thread group.
 */
static __always_inline __u32 tell_current(__u64 now)
{
	tell_process(bpf_get_current_task_btf(), now);
	return bpf_get_current_pid_tgid() >> 32;
}

/* Length of a container's id, and of what systemd writes behind it. */
#define DHR_ID_LENGTH	 64
#define DHR_SCOPE_LENGTH 6 /* .scope */

/*
 * The container that a cgroup belongs to: its id is the end of the cgroup's name, as in ID,
 * docker-ID.scope, libpod-ID.scope.
 */
static __always_inline bool container_of_cgroup(struct kernfs_node *kn,
						struct dhr_container_key *key)
{
	char name[128] = {};
	const char *from = kn->name;
	long length = bpf_probe_read_kernel_str(name, sizeof(name), from) - 1;

	if (length < DHR_ID_LENGTH || length >= (long)sizeof(name) - 1)
		return false;
	if (name[(length - 1) & 127] == 'e' && name[(length - DHR_SCOPE_LENGTH) & 127] == '.')
		length -= DHR_SCOPE_LENGTH;
	if (length < DHR_ID_LENGTH)
		return false;
	bpf_probe_read_kernel(key->id, sizeof(key->id), from + length - DHR_ID_LENGTH);
	return true;
}

/* A container that the filter names gets its cgroup: record it from its first connection on. */
static __always_inline void admit_container(struct kernfs_node *kn)
{
	struct dhr_container_key key = {};
	__u64 id = kn->id;
	__u8 present = 1;

	if (container_of_cgroup(kn, &key) && bpf_map_lookup_elem(&filter_containers, &key))
		bpf_map_update_elem(&filter_cgroups, &id, &present, BPF_ANY);
}

static __always_inline int on_cgroup(struct cgroup *cgroup, const char *path, __u16 flags)
{
	struct dhr_cgroup *e;
	__u64 id;

	/* Containers live in the v1 hierarchies too, and those number their cgroups on their own.
	 */
	if (cgroup->root->hierarchy_id != 0)
		return 0;
	id = cgroup->kn->id;
	if ((filters & DHR_FILTER_SCOPE) && !(flags & DHR_F_DIED))
		admit_container(cgroup->kn);
	/* The names of what is left out are left out too; a filter of ports knows only later whom
	 * it takes, see meet(). */
	if (filters && !bpf_map_lookup_elem(&filter_cgroups, &id))
		return 0;
	if (gate != DHR_GATE_OPEN)
		return 0;
	e = reserve(DHR_KIND_CGROUP, sizeof(*e), bpf_ktime_get_ns());
	if (!e)
		return 0;
	e->head.flags = flags;
	e->id = id;
	e->hierarchy = 0;
	e->pad = 0;
	__builtin_memset(e->path, 0, sizeof(e->path));
	bpf_probe_read_kernel_str(e->path, sizeof(e->path), path);
	submit(e);
	return 0;
}

/*
 * The first socket of its cgroup that a filter of ports takes: tell the cgroup now. Its name is
 * enough where it is a container's own.
 */
static __always_inline void meet(const struct sock *sk, const struct dhr_endpoint *end)
{
	struct dhr_container_key key = {};
	struct kernfs_node *kn;
	struct dhr_cgroup *e;
	__u64 id = end->cgroup;
	__u8 present = 1;

	if (!(filters & (DHR_FILTER_PORTS | DHR_FILTER_EXCLUDED)) || !id)
		return;
	if (bpf_map_update_elem(&met_cgroups, &id, &present, BPF_NOEXIST))
		return; /* met before */
	kn = sk->sk_cgrp_data.cgroup->kn;
	if (!container_of_cgroup(kn, &key))
		return;
	bpf_map_update_elem(&met_containers, &key, &present, BPF_ANY);
	e = reserve(DHR_KIND_CGROUP, sizeof(*e), bpf_ktime_get_ns());
	if (!e)
		return;
	e->head.flags = DHR_F_DERIVED;
	e->id = id;
	e->hierarchy = 0;
	e->pad = 0;
	__builtin_memset(e->path, 0, sizeof(e->path));
	bpf_probe_read_kernel_str(e->path, sizeof(e->path), kn->name);
	submit(e);
}

/* True for a socket that is recorded from now on. */
static __always_inline bool take(const struct sock *sk, const struct dhr_endpoint *end)
{
	if (!wanted(end))
		return false;
	meet(sk, end);
	return true;
}

#endif

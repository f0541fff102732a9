/* SPDX-License-Identifier: GPL-2.0 OR BSD-2-Clause */
/* Names: processes the first time they own a socket, and cgroups as they are born and die. */
#ifndef DHR_WORKLOAD_H
#define DHR_WORKLOAD_H

/* Tell a process unless it was told under this name. `task` is any of its threads. */
static __always_inline void tell_process(struct task_struct *task, __u64 now)
{
	struct task_struct *leader = task->group_leader;
	__u32 pid = leader->tgid;
	struct dhr_seen me = {.started = leader->start_time};
	struct dhr_seen *told;
	struct dhr_process *e;

	bpf_probe_read_kernel_str(me.comm, sizeof(me.comm), leader->comm);
	told = bpf_map_lookup_elem(&seen, &pid);
	if (told && told->started == me.started && *(__u64 *)told->comm == *(__u64 *)me.comm &&
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

static __always_inline int on_cgroup(struct cgroup *cgroup, const char *path, __u16 flags)
{
	struct dhr_cgroup *e;

	if (!gate)
		return 0;
	e = reserve(DHR_KIND_CGROUP, sizeof(*e), bpf_ktime_get_ns());
	if (!e)
		return 0;
	e->head.flags = flags;
	e->id = cgroup->kn->id;
	e->hierarchy = cgroup->root->hierarchy_id;
	e->pad = 0;
	__builtin_memset(e->path, 0, sizeof(e->path));
	bpf_probe_read_kernel_str(e->path, sizeof(e->path), path);
	submit(e);
	return 0;
}

#endif

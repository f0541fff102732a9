/* SPDX-License-Identifier: GPL-2.0 OR BSD-2-Clause */
/*
 * The only ways to user space. What finds no room in the ring is counted: one cannot emit without
 * counting loss.
 */
#ifndef DHR_EMIT_H
#define DHR_EMIT_H

static __always_inline void count_lost(__u32 kind)
{
	if (kind < DHR_KIND_MAX)
		__sync_fetch_and_add(&lost[kind], 1);
}

/* Room for one event with its head filled in, or NULL, and then the loss is counted already. */
static __always_inline void *reserve(__u16 kind, __u64 size, __u64 now)
{
	/* The flags of a reserve must be 0; NO_WAKEUP belongs to the submit. */
	struct dhr_head *head = bpf_ringbuf_reserve(&ring, size, 0);

	if (!head) {
		count_lost(kind);
		return NULL;
	}
	head->ts = now;
	head->kind = kind;
	head->flags = 0;
	head->pid = 0;
	return head;
}

/* The recorder drains on a timer and never sleeps on the ring: waking it would cost the sender. */
static __always_inline void submit(void *event)
{
	bpf_ringbuf_submit(event, BPF_RB_NO_WAKEUP);
}

/* An event that is whole already, into the ring. */
static __always_inline void output(void *event, __u64 size)
{
	struct dhr_head *head = event;

	if (bpf_ringbuf_output(&ring, event, size, BPF_RB_NO_WAKEUP))
		count_lost(head->kind);
}

/* The last store of a slot: whoever sees it sees all others. */
static __always_inline void publish(struct dhr_slot *slot, __u64 header)
{
#ifdef __TARGET_ARCH_x86
	/* This processor keeps stores in order. An atomic one would wait until all before it are
	 * done: 50 ns. */
	asm volatile("" ::: "memory");
	*(volatile __u64 *)&slot->header = header;
#else
	__sync_lock_test_and_set(&slot->header, header);
#endif
}

/*
 * Into the half that this CPU fills; false where it takes none. An interrupt, or another task, may
 * come in between and emit too: it gets the next slot. Linux before 7.0 preempts no tp_btf program,
 * but may preempt fentry; no program changes its CPU. The turn in the header tells a write that
 * comes too late.
 */
static __always_inline bool into_half(const struct dhr_exchange *e)
{
	__u32 cpu = bpf_get_smp_processor_id(), index;
	struct dhr_cpu *own = bpf_map_lookup_elem(&cpus, &cpu);
	struct dhr_slot *slot;
	__u64 at;

	/* Looked at before it is counted: a count must not run over into the number above it. */
	if (!own || e->head.ts >= own->until || (__u32)own->at >= half_slots)
		return false;
	at = __sync_fetch_and_add(&own->at, 1);
	if ((__u32)at >= half_slots)
		return false;
	index = (2 * cpu + ((at >> 32) & 1)) * half_slots + (__u32)at;
	slot = bpf_map_lookup_elem(&slots, &index);
	if (!slot)
		return false;
	slot->exchange = *e;
	publish(slot, (at & ~0xffffffffULL) | sizeof(*e));
	return true;
}

#endif

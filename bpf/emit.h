/* SPDX-License-Identifier: GPL-2.0 OR BSD-2-Clause */
/* The only way into the ring. What finds no room is counted: one cannot emit without counting loss.
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

#endif

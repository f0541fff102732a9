/* SPDX-License-Identifier: GPL-2.0 OR BSD-2-Clause */
/* Which sockets are recorded. Asked once a socket: after that, its storage is the answer. */
#ifndef DHR_FILTER_H
#define DHR_FILTER_H

static __always_inline bool wanted(const struct dhr_endpoint *end)
{
	if (filters & DHR_FILTER_PORTS) {
		__u32 sport = end->sport, dport = end->dport;

		if (!bpf_map_lookup_elem(&filter_ports, &sport) &&
		    !bpf_map_lookup_elem(&filter_ports, &dport))
			return false;
	}
	if (filters & DHR_FILTER_EXCLUDED) {
		__u32 sport = end->sport, dport = end->dport;

		if (bpf_map_lookup_elem(&filter_excluded, &sport) ||
		    bpf_map_lookup_elem(&filter_excluded, &dport))
			return false;
	}
	if (filters & DHR_FILTER_SCOPE) {
		__u32 netns = end->netns;
		__u64 cgroup = end->cgroup;

		if (!bpf_map_lookup_elem(&filter_netns, &netns) &&
		    !bpf_map_lookup_elem(&filter_cgroups, &cgroup))
			return false;
	}
	return true;
}

#endif

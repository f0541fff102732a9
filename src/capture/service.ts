/** Which service and project a container belongs to: the recorder filters by service, the analyzer names by both. */

/** Compose's service, else the name without project and replica number. */
export function serviceOf(name: string, labels: Record<string, string>): string {
  const composed = labels['com.docker.compose.service'];
  if (composed !== undefined && composed !== '') return composed;
  const project = labels['com.docker.compose.project'];
  let rest = name;
  if (project !== undefined && (name.startsWith(`${project}-`) || name.startsWith(`${project}_`))) {
    rest = name.slice(project.length + 1);
  }
  return rest.replace(/[-_]\d+$/, '') || name;
}

/** Compose's project, or the Kubernetes namespace of the container's pod; null where no label says either. */
export function projectOf(labels: Record<string, string>): string | null {
  return labels['com.docker.compose.project'] || labels['io.kubernetes.pod.namespace'] || null;
}

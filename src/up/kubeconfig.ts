/** up/kubeconfig — the file by which kubectl knows the running twin. */
import { stringify } from 'yaml';
import type { Served } from '../api/running-twin.ts';

/** Cluster, user and context are all called `name`. */
export function kubeconfig(name: string, served: Served): string {
  const { kubernetesUrl, certificateAuthority, token } = served;
  return stringify(
    {
      apiVersion: 'v1',
      kind: 'Config',
      clusters: [
        {
          name,
          cluster: {
            server: kubernetesUrl,
            'certificate-authority-data': Buffer.from(certificateAuthority).toString('base64'),
          },
        },
      ],
      users: [{ name, user: { token } }],
      contexts: [{ name, context: { cluster: name, user: name } }],
      'current-context': name,
    },
    { lineWidth: 0 },
  );
}

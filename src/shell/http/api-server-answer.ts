/**
 * shell/http/api-server-answer — what the API server answers a client inside the twin: who it is
 * and whether it lives; the objects are served to real clients, not here.
 *
 * Upstream: kubernetes/kubernetes@v1.30.5 staging/src/k8s.io/apiserver pkg/endpoints/handlers/
 * responsewriters (Forbidden, Unauthorized); ClusterRole system:public-info-viewer.
 */
import type { EksCluster } from '../../model/eks/cluster.ts';
import { headerOf, type Request, type Response, response } from './message.ts';

const JSON_TYPE = 'application/json';
const PUBLIC = ['/healthz', '/livez', '/readyz'];
const DISCOVERY = /^\/(api|apis|openapi)(\/|$)/;
/** As machine-files writes them. */
const TOKEN = /^ekstwin\.serviceaccount\.([a-z0-9-]+)\.([a-z0-9.-]+)$/;

const json = (status: number, value: unknown): Response =>
  response(status, JSON_TYPE, `${JSON.stringify(value, undefined, 2)}\n`);

const refused = (code: number, reason: string, message: string): Response =>
  json(code, {
    kind: 'Status',
    apiVersion: 'v1',
    metadata: {},
    status: 'Failure',
    message,
    reason,
    ...(code === 403 ? { details: {} } : {}),
    code,
  });

export function apiServerAnswer(
  cluster: Pick<EksCluster, 'version'> | undefined,
  { method, url, headers }: Request,
): Response {
  const authorization = headerOf(headers, 'Authorization');
  const token = /^Bearer (.*)$/i.exec(authorization ?? '')?.[1];
  const account = token === undefined ? null : TOKEN.exec(token);
  if (authorization !== undefined && account === null)
    return refused(401, 'Unauthorized', 'Unauthorized');
  if (PUBLIC.includes(url.path)) return response(200, 'text/plain; charset=utf-8', 'ok');
  if (url.path === '/version') return version(cluster);
  const user =
    account === null ? 'system:anonymous' : `system:serviceaccount:${account[1]}:${account[2]}`;
  if (account !== null && DISCOVERY.test(url.path))
    return json(200, {
      kind: url.path.startsWith('/apis') ? 'APIGroupList' : 'APIVersions',
      note: 'ekstwin: the API is served to kubectl, not to programs inside the twin',
    });
  const verb = method === 'GET' || method === 'HEAD' ? 'get' : method.toLowerCase();
  const message = `forbidden: User "${user}" cannot ${verb} path "${url.path}"`;
  return refused(403, 'Forbidden', message);
}

function version(cluster: Pick<EksCluster, 'version'> | undefined): Response {
  const [major = '1', minor = '33'] = (cluster?.version ?? '1.33').split('.');
  return json(200, {
    major,
    minor,
    gitVersion: `v${major}.${minor}.0-eks-ekstwin`,
    platform: 'linux/amd64',
  });
}

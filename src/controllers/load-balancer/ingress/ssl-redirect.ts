/**
 * load-balancer/ingress/ssl-redirect — the port that every plain listener of a group sends its
 * clients to. One member's wish is every member's: plain listeners have no rules then.
 *
 * Upstream: aws-load-balancer-controller@225f4456 pkg/ingress/model_builder.go
 * buildSSLRedirectConfig, model_build_actions.go buildSSLRedirectAction.
 */
import { listText, parseInteger } from '../annotations/go-literals.ts';
import { BuildError, built, within } from '../build-error.ts';
import type { ActionSpec } from '../stack/action-spec.ts';
import { alb } from './alb-annotations.ts';
import { type ClassifiedIngress, memberKey } from './group.ts';
import { annotationsOf, paramsOf } from './group-build.ts';
import type { ListenPorts } from './listen-ports.ts';

/**
 * The redirect's port; undefined where nobody wants one, or a class names a port that is no number.
 *
 * @throws BuildError  where members disagree, or nothing secure listens there
 */
export function sslRedirectPort(
  members: readonly ClassifiedIngress[],
  listenPorts: Pick<ListenPorts, 'get'>,
): number | undefined {
  const ports = new Set<number>();
  for (const member of members) {
    const { sslRedirectPort: ofClass } = paramsOf(member);
    if (ofClass) {
      const port = built(() => parseInteger(ofClass, 32));
      // Upstream gives the whole redirect up, silently.
      if (port instanceof BuildError) return undefined;
      ports.add(port);
      continue;
    }
    const own = within(`ingress: ${memberKey(member)}`, () =>
      alb.int32('ssl-redirect', annotationsOf(member)),
    );
    if (own !== undefined) ports.add(own);
  }
  const [port] = ports;
  if (port === undefined) return undefined;
  if (ports.size > 1) {
    const sorted = [...ports].sort((a, b) => a - b);
    throw new BuildError(`conflicting sslRedirect port: ${listText(sorted)}`);
  }
  const listener = listenPorts.get(port);
  if (listener === undefined) {
    throw new BuildError(`listener does not exist for SSLRedirect port: ${port}`);
  }
  if (listener.protocol !== 'HTTPS') {
    throw new BuildError(`listener protocol non-SSL for SSLRedirect port: ${port}`);
  }
  return port;
}

export const sslRedirectAction = (port: number): ActionSpec => ({
  type: 'redirect',
  redirectConfig: { port: String(port), protocol: 'HTTPS', statusCode: 'HTTP_301' },
});

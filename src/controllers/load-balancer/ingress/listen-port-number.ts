/** load-balancer/ingress/listen-port-number — which numbers a listener's port can have. */
import { BuildError } from '../build-error.ts';

const PORT_MAX = 65_535;

/** @throws BuildError  where no listener can have the port */
export function checkListenPort(port: number): void {
  if (port >= 1 && port <= PORT_MAX) return;
  throw new BuildError(`listen port must be within [1, ${PORT_MAX}]: ${port}`);
}

/**
 * controllers/load-balancer/build-error — why a group, a Service or a Gateway gives no stack, in
 * the controller's own words.
 *
 * A builder throws it from where it is found out and adds where it happened on the way out;
 * whoever calls a builder gets it as a value (`built`, `builtSoon`).
 *
 * Upstream: kubernetes-sigs/aws-load-balancer-controller@225f4456; texts are those of its errors.
 */

/** Nothing can be built; `message` is what the controller's event says. */
export class BuildError extends Error {
  constructor(text: string) {
    super(text);
    this.name = 'BuildError';
  }
}

/** Runs `build`; its BuildError, if it has one, gets `text: ` before it. */
export function within<T>(text: string, build: () => T): T {
  try {
    return build();
  } catch (error) {
    if (error instanceof BuildError) throw new BuildError(`${text}: ${error.message}`);
    throw error;
  }
}

/** As `within`, for builders that wait for AWS. */
export async function withinSoon<T>(text: string, build: () => Promise<T>): Promise<T> {
  try {
    return await build();
  } catch (error) {
    if (error instanceof BuildError) throw new BuildError(`${text}: ${error.message}`);
    throw error;
  }
}

/** What `build` gives, or the error that ended it. */
export function built<T>(build: () => T): T | BuildError {
  try {
    return build();
  } catch (error) {
    if (error instanceof BuildError) return error;
    throw error;
  }
}

/** As `built`, for builders that wait for AWS. */
export async function builtSoon<T>(build: () => Promise<T>): Promise<T | BuildError> {
  try {
    return await build();
  } catch (error) {
    if (error instanceof BuildError) return error;
    throw error;
  }
}

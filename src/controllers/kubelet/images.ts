/**
 * controllers/kubelet/images — pulling images, once per node and image.
 *
 * Upstream: kubernetes/kubernetes pkg/kubelet/images/image_manager.go EnsureImageExists (texts,
 * back-off 10 s doubling to 300 s). A pod that needs an image under way waits for that pull. A
 * pull that failed is tried again in the background, unless something says that it may work now.
 */
import type { Container } from '../../model/kubernetes/core.ts';
import type { Millis } from '../../sim/clock.ts';
import { parkAmong, rest } from './node-network.ts';
import { imageDigest } from './pod-status.ts';
import { goesOn, type PodWork } from './pod-work.ts';
import { between, type Surroundings } from './surroundings.ts';

/** A first pull; what the brief of real images spans on a warm network. */
const PULL_MS = [200, 3_000] as const;
/** Asking the registry for a manifest whose layers are there already. */
const RECHECK_MS = [100, 400] as const;
const BACK_OFF_MS = 10_000;
const BACK_OFF_MAX_MS = 300_000;
/** The status of a failed pull makes the kubelet look at the pod again, within the back-off. */
const NEXT_LOOK_MS = [1_000, 2_000] as const;

/** Events of a pod, from the kubelet of its node. */
export const podEvent = (
  { kubernetes }: Surroundings,
  { pod, node }: PodWork,
  type: 'Normal' | 'Warning',
  reason: string,
  message: string,
): void =>
  kubernetes.recordEvent(pod, { type, reason, message, component: 'kubelet', host: node.name });

const pullsAlways = ({ image = '', imagePullPolicy }: Container): boolean =>
  imagePullPolicy === undefined
    ? !/[:@][^/]*$/.test(image) || image.endsWith(':latest')
    : imagePullPolicy === 'Always';

/** Go's time.Duration text, to the millisecond. */
const goDuration = (ms: Millis): string => (ms < 1_000 ? `${ms}ms` : `${ms / 1_000}s`);

/** A size that stands for the image's: 5 to 250 MB, the same for the same image. */
const imageBytes = (image: string): number =>
  5_000_000 + (Number.parseInt(imageDigest(image).slice(0, 7), 16) % 245_000_000);

const pulled = (surroundings: Surroundings, work: PodWork, image: string, ms: Millis): void => {
  const took = goDuration(ms);
  const text =
    `Successfully pulled image "${image}" in ${took} (${took} including waiting). ` +
    `Image size: ${imageBytes(image)} bytes.`;
  podEvent(surroundings, work, 'Normal', 'Pulled', text);
};

/** Whether the image is on the node, so that the container starts without a pull. */
export const isPresent = (container: Container, work: PodWork, now: Millis): boolean => {
  const at = work.node.images.get(container.image ?? '');
  return at !== undefined && at <= now && !pullsAlways(container);
};

/** Says that no pull is needed. */
export const announcePresent = (
  surroundings: Surroundings,
  work: PodWork,
  { image = '' }: Container,
): void => {
  const text = `Container image "${image}" already present on machine`;
  podEvent(surroundings, work, 'Normal', 'Pulled', text);
};

/** Told once, when a pull is refused, so that the status can say so. */
type OnRefused = (reason: 'ErrImagePull' | 'ImagePullBackOff', message: string) => void;

/** Pulls the container's image if needed; false when the pod stopped before it was there. */
export const ensureImage = async (
  surroundings: Surroundings,
  work: PodWork,
  container: Container,
  onRefused: OnRefused,
): Promise<boolean> => {
  const { clock, random } = surroundings;
  const { images, name } = work.node;
  const image = container.image ?? '';
  if (isPresent(container, work, clock.now())) {
    announcePresent(surroundings, work, container);
    return true;
  }
  for (let failures = 0; ; failures++) {
    podEvent(surroundings, work, 'Normal', 'Pulling', `Pulling image "${image}"`);
    const known = images.get(image);
    const answer = surroundings.images?.(image, name);
    if (answer?.kind !== 'refused') {
      const freshMs = answer?.tookMs ?? between(random, ...PULL_MS);
      const leftMs = known === undefined ? freshMs : Math.max(0, known - clock.now());
      const tookMs = leftMs > 0 ? leftMs : between(random, ...RECHECK_MS);
      if (known === undefined) images.set(image, clock.now() + tookMs);
      await clock.sleep(tookMs);
      if (!goesOn(work)) return false;
      pulled(surroundings, work, image, tookMs);
      return true;
    }
    await rest(surroundings, work, answer.tookMs ?? 0, failures > 0);
    if (!goesOn(work)) return false;
    const backOffMs = Math.min(BACK_OFF_MS * 2 ** failures, BACK_OFF_MAX_MS);
    await backOff(surroundings, work, { image, message: answer.message, backOffMs }, onRefused);
    if (!goesOn(work)) return false;
  }
};

interface Refusal {
  readonly image: string;
  readonly message: string;
  readonly backOffMs: Millis;
}

/** Says that the pull failed, and waits for the next: sooner or later all of it repeats. */
const backOff = async (
  surroundings: Surroundings,
  work: PodWork,
  { image, message, backOffMs }: Refusal,
  onRefused: OnRefused,
): Promise<void> => {
  podEvent(surroundings, work, 'Warning', 'Failed', refusal(image, message));
  podEvent(surroundings, work, 'Warning', 'Failed', 'Error: ErrImagePull');
  onRefused('ErrImagePull', message);
  const isFirst = backOffMs === BACK_OFF_MS;
  await rest(surroundings, work, between(surroundings.random, ...NEXT_LOOK_MS), !isFirst);
  if (!goesOn(work)) return;
  const text = `Back-off pulling image "${image}"`;
  podEvent(surroundings, work, 'Normal', 'BackOff', text);
  podEvent(surroundings, work, 'Warning', 'Failed', 'Error: ImagePullBackOff');
  onRefused('ImagePullBackOff', `${text}: ErrImagePull: ${message}`);
  await parkAmong(surroundings, work, work.node.unpulled, backOffMs);
};

const refusal = (image: string, message: string): string =>
  `Failed to pull image "${image}": ${message}`;

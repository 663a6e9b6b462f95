/**
 * twin/reach/registry — which hosts a pull of an image calls, and what a pull says that fails.
 *
 * Upstream: containerd core/remotes/docker (HEAD of the manifest, then layers; errors are put in
 * front of each other), kubernetes/cloud-provider-aws cmd/ecr-credential-provider (a token for
 * ECR's private registries), kubernetes/kubernetes staging/src/k8s.io/cri-client remote_image.go
 * (the code Unknown is left out of the text). ECR User Guide, "Amazon ECR interface VPC
 * endpoints": the layers are in S3, in a bucket of the region.
 */
import { fullImageName } from '../../controllers/kubelet/pod-status.ts';
import type { Closed } from './path.ts';

/** containerd's dial timeout; the time kubelet gives a credential provider. */
const DIAL_MS = 30_000;
const CREDENTIALS_MS = 60_000;

interface EcrHosts {
  /** Gives the token that the registry asks for. */
  readonly api: string;
  /** Has the layers. */
  readonly layers: string;
}

export interface ImagePlace {
  /** `docker.io/library/nginx:1.27` */
  readonly name: string;
  readonly host: string;
  readonly port: number;
  readonly manifestUrl: string;
  /** Of a private registry of ECR. */
  readonly ecr?: EcrHosts | undefined;
}

const ECR = /^\d{12}\.dkr\.ecr(?:-fips)?\.([a-z0-9-]+)\.(amazonaws\.com(?:\.cn)?)$/;

/** Docker Hub's registry has another name than its images. */
const hostOf = (registry: string): string =>
  registry === 'docker.io' ? 'registry-1.docker.io' : registry;

/** Where an image is. */
export function imagePlace(image: string): ImagePlace {
  const name = fullImageName(image);
  const slash = name.indexOf('/');
  const [registry, path] = [name.slice(0, slash), name.slice(slash + 1)];
  const at = path.includes('@') ? path.indexOf('@') : path.lastIndexOf(':');
  const [host, port] = hostOf(registry).split(':') as [string, string | undefined];
  const [, region, domain] = ECR.exec(host) ?? [];
  const manifestUrl = `https://${hostOf(registry)}/v2/${path.slice(0, at)}/manifests/${path.slice(at + 1)}`;
  const ecr =
    region === undefined
      ? undefined
      : {
          api: `api.ecr.${region}.${domain}`,
          layers: `prod-${region}-starport-layer-bucket.s3.${region}.${domain}`,
        };
  return { name, host, port: Number(port ?? 443), manifestUrl, ecr };
}

/** What a pull meets, in the order of its calls. */
export interface PullPaths {
  readonly token: Closed | undefined;
  readonly manifest: Closed | undefined;
  readonly layers: Closed | undefined;
}

export interface PullError {
  readonly message: string;
  readonly tookMs: number;
  readonly closed: Closed;
}

/** What the kubelet says of the pull; undefined: it works. */
export function pullError(place: ImagePlace, paths: PullPaths): PullError | undefined {
  const { token, manifest, layers } = paths;
  const { name } = place;
  const waitedMs = token === undefined ? 0 : CREDENTIALS_MS;
  const unpack = `failed to pull and unpack image "${name}"`;
  const resolve = `${unpack}: failed to resolve reference "${name}"`;
  if (manifest !== undefined) {
    const request = `failed to do request: Head "${place.manifestUrl}": ${manifest.dialError}`;
    const message = `${codeOf(manifest)}${resolve}: ${request}`;
    return { message, tookMs: waitedMs + DIAL_MS, closed: manifest };
  }
  if (token !== undefined) {
    const denied =
      'pull access denied, repository does not exist or may require authorization: ' +
      'authorization failed: no basic auth credentials';
    return { message: `${resolve}: ${denied}`, tookMs: waitedMs, closed: token };
  }
  if (layers === undefined) return undefined;
  const request = `failed to do request: Get "https://${layers.host}/…": ${layers.dialError}`;
  const open = 'failed to copy: httpReadSeeker: failed open';
  const message = `${codeOf(layers)}${unpack}: ${open}: ${request}`;
  return { message, tookMs: DIAL_MS, closed: layers };
}

/** A timeout has a code of gRPC's; other errors have Unknown, which is not shown. */
const codeOf = ({ dialError }: Closed): string =>
  dialError.endsWith('i/o timeout') ? 'rpc error: code = DeadlineExceeded desc = ' : '';

/**
 * controllers/multus/network-selection — which further networks a pod asks for.
 *
 * Upstream: k8snetworkplumbingwg/multus-cni pkg/k8sclient/k8sclient.go parsePodNetworkAnnotation;
 * the Network Custom Resource Definition De-facto Standard v1.3 §4.1.
 */

export const NETWORKS = 'k8s.v1.cni.cncf.io/networks';

const BAD_JSON =
  'parsePodNetworkAnnotation: failed to parse pod Network Attachment Selection Annotation JSON ' +
  'format';

export interface NetworkSelection {
  readonly namespace: string;
  readonly name: string;
  /** The interface's name in the pod; undefined = net1, net2, … in order. */
  readonly interfaceName: string | undefined;
  /** Addresses asked for by name. */
  readonly ips: readonly string[];
  readonly mac: string | undefined;
}

export interface BadSelection {
  readonly problem: string;
}

/** `[namespace/]name[@interface]`. */
function parseItem(text: string, namespace: string): NetworkSelection | BadSelection {
  const match = /^(?:([a-z0-9.-]+)\/)?([a-z0-9.-]+)(?:@([a-z0-9.-]+))?$/.exec(text);
  if (match === null)
    return {
      problem:
        'parsePodNetworkObjectName: failed to parse: one or more items did not match ' +
        'comma-delimited format (must consist of lower case alphanumeric characters). Must start ' +
        `and end with an alphanumeric character), mismatch @ '${text}'`,
    };
  const [, inNamespace, name = '', interfaceName] = match;
  return { namespace: inNamespace ?? namespace, name, interfaceName, ips: [], mac: undefined };
}

function parseElement(element: unknown, namespace: string): NetworkSelection | BadSelection {
  const fields = (typeof element === 'object' && element !== null ? element : {}) as Record<
    string,
    unknown
  >;
  const text = (name: string): string | undefined =>
    typeof fields[name] === 'string' ? fields[name] : undefined;
  const name = text('name');
  if (name === undefined) return { problem: `${BAD_JSON}: name is missing` };
  const ips = Array.isArray(fields.ips) ? fields.ips.filter((ip) => typeof ip === 'string') : [];
  return {
    namespace: text('namespace') ?? namespace,
    name,
    interfaceName: text('interface'),
    ips,
    mac: text('mac'),
  };
}

/** The networks in order; the first mistake when the annotation cannot be read. */
export function parseNetworks(
  annotation: string,
  podNamespace: string,
): readonly NetworkSelection[] | BadSelection {
  const text = annotation.trim();
  let parsed: readonly (NetworkSelection | BadSelection)[];
  if (/[[{"]/.test(text)) {
    let json: unknown;
    try {
      json = JSON.parse(text);
    } catch (cause) {
      return { problem: `${BAD_JSON}: ${String(cause)}` };
    }
    if (!Array.isArray(json)) return { problem: 'parsePodNetworkAnnotation: the JSON is no list' };
    parsed = json.map((element: unknown) => parseElement(element, podNamespace));
  } else {
    parsed = text
      .split(',')
      .map((item) => item.trim())
      .filter((item) => item !== '')
      .map((item) => parseItem(item, podNamespace));
  }
  const bad = parsed.find((one): one is BadSelection => 'problem' in one);
  return bad ?? (parsed as readonly NetworkSelection[]);
}

/**
 * shell/container/images.data — which programs are in which image. Images that are not here are
 * taken to have everything that is built in, with GNU's and BIND's texts.
 *
 * Upstream: docker-library/busybox, alpinelinux/docker-alpine, curl/curl-container (entrypoint.sh),
 * nicolaka/netshoot, kubernetes/kubernetes test/images/agnhost; the minimal images of EKS's add-ons.
 */

export interface Image {
  /** Of the name without tag and digest. */
  readonly names: RegExp;
  readonly tags?: RegExp;
  readonly has: 'everything' | 'busybox' | 'nothing';
  /** Beside BusyBox's. */
  readonly more?: readonly string[];
  /** Its entrypoint runs arguments that are no program with this one. */
  readonly runs?: string;
  readonly isMusl?: boolean;
  /** Of 1.28 or before, whose nslookup is another. */
  readonly isOld?: boolean;
}

/** The last parts of a name, whatever registry it is from. */
const named = (...names: readonly string[]): RegExp =>
  new RegExp(`(^|/)(${names.join('|').replaceAll('.', '\\.')})$`);

export const IMAGES: readonly Image[] = [
  { names: named('busybox'), tags: /musl/, has: 'busybox', isMusl: true },
  { names: named('busybox'), tags: /^1\.(\d|1\d|2[0-8])(\D|$)/, has: 'busybox', isOld: true },
  { names: named('busybox'), has: 'busybox' },
  { names: named('alpine'), tags: /^3\.[0-8](\D|$)/, has: 'busybox', more: ['getent'], isMusl: true, isOld: true },
  { names: named('alpine'), has: 'busybox', more: ['getent'], isMusl: true },
  { names: named('nginx', 'httpd'), tags: /alpine/, has: 'busybox', more: ['curl', 'getent'], isMusl: true },
  { names: named('curlimages/curl', 'curl/curl'), has: 'busybox', more: ['curl', 'getent'], runs: 'curl', isMusl: true },
  { names: named('busyboxplus'), has: 'busybox', more: ['curl'] },
  // Made for looking around: iputils, BIND's tools, iproute2 and more.
  { names: named('netshoot', 'jessie-dnsutils', 'dnsutils', 'dnstools', 'agnhost', 'network-multitool'), has: 'everything' },
  // Nothing but one binary: what kubectl debug is for.
  { names: named('pause', 'eks/coredns', 'coredns/coredns', 'aws-load-balancer-controller', 'external-dns', 'metrics-server'), has: 'nothing' },
];

/** Of what is built in here, what BusyBox has too. */
export const BUSYBOX_APPLETS: ReadonlySet<string> = new Set(
  (
    'sh ash true false test [ echo printf cat head tail grep egrep fgrep wc sort uniq cut tr sed awk ' +
    'seq tee base64 xargs timeout time nohup sleep date env printenv hostname id whoami uname pwd ls ' +
    'mkdir rm touch cp mv which tar wget nc telnet ping ping6 nslookup traceroute traceroute6 ip ' +
    'netstat sysctl'
  ).split(' '),
);

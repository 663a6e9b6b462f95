import fc from 'fast-check';
import { beforeAll, describe, expect, test } from 'vitest';
import { deploymentText, settledTwin, smallCluster } from '../../twin/small-cluster.fixture.ts';
import type { Twin } from '../../twin/twin.ts';
import { startFailure } from '../run-program.ts';
import type { Machine } from '../session.ts';
import { podOf, type Said, say, worldOf } from '../shell.fixture.ts';

const SERVICE = `apiVersion: v1
kind: Service
metadata: {name: web, namespace: shop}
spec: {selector: {app: web}, ports: [{port: 80}], clusterIP: 172.20.50.50}
`;
const APP = [
  'apiVersion: v1\nkind: Namespace\nmetadata: {name: shop}\n',
  deploymentText('shop', 'web', 1, '{name: web, image: nginx, ports: [{containerPort: 80}]}'),
  deploymentText('shop', 'busybox', 1, '{name: c, image: "busybox:1.37"}'),
  deploymentText('shop', 'old', 1, '{name: c, image: "busybox:1.28"}'),
  deploymentText('shop', 'alpine', 1, '{name: c, image: alpine}'),
  deploymentText('shop', 'curl', 1, '{name: c, image: "curlimages/curl:8.9.1"}'),
  deploymentText('shop', 'netshoot', 1, '{name: c, image: nicolaka/netshoot}'),
  SERVICE,
].join('---\n');

let twin: Twin;
const address = (app: string): string =>
  twin.store.get('Pod', (podOf(twin, 'shop', app) as { podKey: string }).podKey)!.status!.podIP!;

beforeAll(async () => {
  twin = await settledTwin(smallCluster(2), APP);
}, 60_000);

const inPod = (app: string, ...argv: string[]): Promise<Said> =>
  say(worldOf(twin), podOf(twin, 'shop', app), argv);

describe('nslookup of BusyBox', () => {
  test('a short name is asked for in every domain of the search list, and fails for the others', async () => {
    const { status, out } = await inPod('busybox', 'nslookup', 'web');
    expect(status).toBe(1);
    expect(out).toBe(
      `Server:\t\t172.20.0.10
Address:\t172.20.0.10:53

Name:\tweb.shop.svc.cluster.local
Address: 172.20.50.50

** server can't find web.svc.cluster.local: NXDOMAIN

** server can't find web.cluster.local: NXDOMAIN

** server can't find web.us-west-2.compute.internal: NXDOMAIN


** server can't find web.svc.cluster.local: NXDOMAIN

** server can't find web.cluster.local: NXDOMAIN

** server can't find web.us-west-2.compute.internal: NXDOMAIN

`,
    );
  });

  test('a name with a dot is asked for as it is', async () => {
    const short = await inPod('busybox', 'nslookup', 'web.shop');
    expect([short.status, short.out]).toEqual([
      1,
      expect.stringContaining("** server can't find web.shop: NXDOMAIN\n"),
    ]);
    const whole = await inPod('busybox', 'nslookup', '-type=a', 'web.shop.svc.cluster.local');
    expect(whole).toMatchObject({ status: 0 });
    expect(whole.out).toContain('Name:\tweb.shop.svc.cluster.local\nAddress: 172.20.50.50\n');
  });

  test('a server that is silent is waited for 5 s, for all questions together', async () => {
    const said = await inPod('busybox', 'nslookup', 'web', '10.9.9.9');
    expect(said).toMatchObject({
      status: 1,
      out: ';; connection timed out; no servers could be reached\n\n',
      tookMs: 5_000,
    });
  });

  test('an address is asked for backwards; wrong words get the usage', async () => {
    const { out } = await inPod('busybox', 'nslookup', '172.20.50.50');
    expect(out).toContain('50.50.20.172.in-addr.arpa\tname = web.shop.svc.cluster.local\n');
    expect((await inPod('busybox', 'nslookup')).err).toMatch(/^Usage: nslookup \[-type=/);
    expect((await inPod('busybox', 'nslookup', '-type=nix', 'a')).err).toBe(
      'nslookup: invalid query type "nix"\n',
    );
  });
});

describe('nslookup of busybox:1.28', () => {
  test('goes through the search list as the C library does, and names addresses backwards', async () => {
    for (const name of ['web', 'web.shop', 'web.shop.svc.cluster.local']) {
      expect(await inPod('old', 'nslookup', name)).toMatchObject({
        status: 0,
        out: `Server:    172.20.0.10
Address 1: 172.20.0.10 kube-dns.kube-system.svc.cluster.local

Name:      ${name}
Address 1: 172.20.50.50 web.shop.svc.cluster.local
`,
      });
    }
  });

  test('says of what is not there that it cannot resolve it', async () => {
    expect(await inPod('old', 'nslookup', 'nix')).toMatchObject({
      status: 1,
      err: "nslookup: can't resolve 'nix'\n",
    });
    expect((await inPod('old', 'nslookup', '-type=a', 'web')).err).toMatch(
      /^Usage: nslookup \[HOST\]/,
    );
  });
});

describe('wget of BusyBox', () => {
  test('tells where it connects, and a bar', async () => {
    const { status, out, err } = await inPod('busybox', 'wget', '-O-', 'http://web');
    expect(status).toBe(0);
    expect(JSON.parse(out)).toMatchObject({ host: 'web', headers: { 'User-Agent': 'Wget' } });
    expect(err).toMatch(
      /^Connecting to web \(172\.20\.50\.50:80\)\nwriting to stdout\n- {20}100% \|\*{32}\| +\d+ {2}0:00:00 ETA\nwritten to stdout\n$/,
    );
  });

  test.each([
    [['http://nix'], "wget: bad address 'nix'\n", 0],
    [['-T', '3', 'http://10.9.9.9'], 'wget: download timed out\n', 3_000],
    [['file://x'], 'wget: not an http or ftp url: file://x\n', 0],
  ])('%j fails with 1', async (args, err, tookMs) => {
    const said = await inPod('busybox', 'wget', '-q', ...args);
    expect([said.status, said.err]).toEqual([1, err]);
    expect(said.tookMs - tookMs).toBeLessThan(100);
  });

  test('errors are the C library’s: glibc’s in busybox, musl’s in alpine', async () => {
    const closed = `http://${address('web')}:81`;
    expect((await inPod('busybox', 'wget', '-q', closed)).err).toBe(
      `wget: can't connect to remote host (${address('web')}): Connection refused\n`,
    );
    const said = await inPod('alpine', 'wget', '-q', 'http://10.9.9.9');
    expect(said.err).toBe("wget: can't connect to remote host (10.9.9.9): Operation timed out\n");
    expect(said.tookMs).toBe(127_000);
  });

  test('--spider is quiet with -q and asks once', async () => {
    expect(await inPod('busybox', 'wget', '--spider', 'http://web')).toMatchObject({
      status: 0,
      err: 'Connecting to web (172.20.50.50:80)\nremote file exists\n',
    });
  });
});

describe('ping, nc and traceroute of BusyBox', () => {
  test('ping counts from 0 and says packets received', async () => {
    const to = address('web');
    const { status, out } = await inPod('busybox', 'ping', '-c', '2', to);
    expect(status).toBe(0);
    expect(out).toMatch(
      new RegExp(
        `^PING ${to} \\(${to}\\): 56 data bytes\n64 bytes from ${to}: seq=0 ttl=6[23] time=0.500 ms\n[^]*seq=1 [^]*\n` +
          `--- ${to} ping statistics ---\n2 packets transmitted, 2 packets received, 0% packet loss\n` +
          'round-trip min/avg/max = 0.500/0.500/0.500 ms\n$',
      ),
    );
  });

  test('ping of nobody, and of no name', async () => {
    const lost = await inPod('busybox', 'ping', '-c', '1', '-W', '2', '10.9.9.9');
    expect([lost.status, lost.tookMs]).toEqual([1, 2_000]);
    expect(lost.out).toMatch(/1 packets transmitted, 0 packets received, 100% packet loss\n$/);
    expect(await inPod('busybox', 'ping', 'nix')).toMatchObject({
      status: 1,
      err: "ping: bad address 'nix'\n",
    });
  });

  test('nc says open; a refusal is told from the second -v on', async () => {
    expect(await inPod('busybox', 'nc', '-zv', 'web', '80')).toMatchObject({
      status: 0,
      err: 'web (172.20.50.50:80) open\n',
    });
    const to = address('web');
    expect(await inPod('busybox', 'nc', '-zv', to, '81')).toMatchObject({ status: 1, err: '' });
    expect((await inPod('busybox', 'nc', '-zvv', to, '81')).err).toBe(
      `nc: ${to} (${to}:81): Connection refused\n`,
    );
    expect((await inPod('busybox', 'nc', '-zv', '-w', '2', '10.9.9.9', '80')).err).toBe(
      'nc: 10.9.9.9 (10.9.9.9:80): Connection timed out\n',
    );
  });

  test('traceroute sends 46 bytes and shows three times', async () => {
    const to = address('web');
    const { out } = await inPod('busybox', 'traceroute', to);
    expect(out).toMatch(
      new RegExp(`^traceroute to ${to} \\(${to}\\), 30 hops max, 46 byte packets\n`),
    );
    expect(out).toContain(`  ${to} (${to})  0.500 ms  0.500 ms  0.500 ms\n`);
  });
});

describe('which programs are in an image', () => {
  test.each([
    ['busybox', ['curl', 'dig', 'bash', 'getent']],
    ['alpine', ['curl', 'dig', 'bash']],
    ['curl', ['dig', 'bash']],
    ['netshoot', []],
    ['web', []],
  ])('%s has not %j', async (app, missing) => {
    const machine = podOf(twin, 'shop', app);
    const lacks = ['curl', 'dig', 'bash', 'getent', 'wget', 'sh'].filter(
      (name) => startFailure(worldOf(twin), machine, [name]) !== undefined,
    );
    expect(lacks.sort()).toEqual([...missing].sort());
  });

  test('coredns has nothing at all: that is what kubectl debug is for', () => {
    const pod = twin.store.list('Pod').find((it) => it.metadata.name.startsWith('coredns-'))!;
    const podKey = `kube-system/${pod.metadata.name}`;
    const machine: Machine = { kind: 'pod', podKey, container: 'coredns' };
    expect(startFailure(worldOf(twin), machine, ['sh'])).toContain(
      'exec: "sh": executable file not found in $PATH',
    );
  });

  test('a shell says what is not there as ash does', async () => {
    const said = await inPod('busybox', 'sh', '-c', 'curl http://web || which curl wget');
    expect(said).toMatchObject({ err: 'sh: curl: not found\n', out: '/usr/bin/wget\n', status: 1 });
    expect((await inPod('busybox', 'sh', '-c', 'curl http://web')).status).toBe(127);
  });

  test('other images have BIND’s and GNU’s', async () => {
    const { status, out } = await inPod('netshoot', 'nslookup', 'web');
    expect([status, out]).toEqual([0, expect.stringContaining('Address:\t172.20.0.10#53\n')]);
  });
});

test('no words make a program of BusyBox throw', async () => {
  const word = fc.oneof(
    fc.constantFrom('web', '10.9.9.9', '-c', '1', '-w', '-T', '-O', '-zv', '80', '-type=srv', '-'),
    fc.string({ maxLength: 6 }),
  );
  const program = fc.constantFrom('nslookup', 'wget', 'ping', 'nc', 'traceroute', 'tar');
  await fc.assert(
    fc.asyncProperty(program, fc.array(word, { maxLength: 4 }), async (name, words) => {
      const app = words.length % 2 === 0 ? 'busybox' : 'old';
      const { status } = await inPod(app, 'timeout', '20', name, ...words);
      expect(status).toBeGreaterThanOrEqual(0);
    }),
    { numRuns: 150 },
  );
});

import fc from 'fast-check';
import { expect, test } from 'vitest';
import { DEFAULT_COREFILE } from '../../model/coredns/default-corefile.ts';
import { NODE, putCorefile, putPod, putService, smallCluster } from './names.fixture.ts';
import { Names } from './names.ts';

const CLIENT = { kind: 'pod', namespace: 'shop', name: 'client' } as const;

/** The add-on's Corefile with lines put in, and other blocks after it. */
const corefile = (lines = '', blocks = ''): string =>
  DEFAULT_COREFILE.replace('    errors\n', `    errors\n${lines}`) + blocks;

const namesOf = (lines = '', blocks = ''): Names =>
  new Names(smallCluster(corefile(lines, blocks)));

test('a Service is one name away in its own namespace', () => {
  const { addresses, answeredName, queries } = namesOf().lookup(CLIENT, 'web');
  expect(addresses).toEqual(['10.100.7.7']);
  expect(answeredName).toBe('web.shop.svc.cluster.local.');
  expect(queries[0]).toMatchObject({
    server: '10.100.0.10',
    service: 'kube-system/kube-dns',
    backends: [{ namespace: 'kube-system', name: 'coredns-1' }],
    answeredBy: 'coredns',
    source: 'kubernetes cluster.local.',
  });
});

test('the evidence of an answer is the Service, its DNS and its Corefile', () => {
  const [query] = namesOf().lookup(CLIENT, 'web').queries;
  expect(query!.evidence.map(({ kind, object }) => `${kind}: ${object}`)).toEqual([
    'service: service kube-system/kube-dns',
    'endpoint: endpointslice kube-system/kube-dns-1',
    'config-map: configmap kube-system/coredns',
    'service: service shop/web',
  ]);
});

test('a change of a Service or of the Corefile is seen by the next question', () => {
  const store = smallCluster(corefile());
  const names = new Names(store);
  expect(names.lookup(CLIENT, 'web').addresses).toEqual(['10.100.7.7']);
  putService(store, 'shop/web', { clusterIP: '10.100.8.8', clusterIPs: ['10.100.8.8'] });
  expect(names.lookup(CLIENT, 'web').addresses).toEqual(['10.100.8.8']);
  expect(names.lookup(CLIENT, '10.100.7.7', ['PTR']).rcode).toBe('NXDOMAIN');
  expect(names.lookup(CLIENT, '10.100.8.8', ['PTR']).records[0]?.data).toBe(
    'web.shop.svc.cluster.local.',
  );
  putCorefile(store, '.:53 {\n  forward . /etc/resolv.conf\n}\n');
  expect(names.lookup(CLIENT, 'web').rcode).toBe('NXDOMAIN');
});

test('endpoints that are not ready have no address, unless the Service publishes them', () => {
  const store = smallCluster(corefile());
  const spec = { clusterIP: 'None', clusterIPs: ['None'], ports: [{ port: 80 }] };
  const addresses = ['10.0.3.60'];
  putService(store, 'shop/db', spec, [{ addresses, conditions: { ready: false } }]);
  expect(new Names(store).lookup(CLIENT, 'db').rcode).toBe('NXDOMAIN');
  // publishNotReadyAddresses: the endpoint controller writes such endpoints as ready.
  putService(store, 'shop/db', spec, [{ addresses, conditions: { ready: true, serving: false } }]);
  expect(new Names(store).lookup(CLIENT, 'db').addresses).toEqual(addresses);
});

test('a stub domain goes to its own servers, and only it', () => {
  const stub = 'consul.local:53 {\n  errors\n  forward . 10.150.0.1 {\n    force_tcp\n  }\n}\n';
  const { queries, rcode, notes } = namesOf('', stub).lookup(CLIENT, 'db.consul.local.', ['A']);
  expect(rcode).toBe('NOT-SIMULATED');
  expect(queries[0]!.forwarded[0]).toMatchObject({ server: '10.150.0.1', protocol: 'tcp' });
  expect(notes.join()).toContain('nothing in the twin is known to answer DNS at 10.150.0.1');
  expect(namesOf('', stub).lookup(CLIENT, 'web').rcode).toBe('NOERROR');
});

test('rewrite name turns one name into another and back in the answer', () => {
  const names = namesOf('    rewrite name shop.example.com web.shop.svc.cluster.local\n');
  const { records } = names.lookup(CLIENT, 'shop.example.com.', ['A']);
  expect(records).toEqual([{ name: 'shop.example.com.', type: 'A', ttl: 5, data: '10.100.7.7' }]);
});

test('a regex rewrite without an answer rule gives records that glibc passes over', () => {
  const rule = '    rewrite name regex (.*)\\.shop\\.example {1}.shop.svc.cluster.local';
  const { records, notes } = namesOf(`${rule}\n`).lookup(CLIENT, 'web.shop.example.', ['A']);
  expect(records).toEqual([]);
  expect(notes.join()).not.toBe('');
  const auto = namesOf(`${rule} answer auto\n`).lookup(CLIENT, 'web.shop.example.', ['A']);
  expect(auto.addresses).toEqual(['10.100.7.7']);
});

test('a rewrite over several lines is one rule', () => {
  const rule =
    '    rewrite stop {\n      name regex (.*)\\.shop\\.example {1}.shop.svc.cluster.local\n' +
    '      answer name (.*)\\.shop\\.svc\\.cluster\\.local {1}.shop.example\n    }\n';
  const { records } = namesOf(rule).lookup(CLIENT, 'web.shop.example.', ['A']);
  expect(records).toEqual([{ name: 'web.shop.example.', type: 'A', ttl: 5, data: '10.100.7.7' }]);
});

test('whatever is asked, there is an answer, and always the same one', () => {
  const names = namesOf();
  const words = fc.oneof(
    fc.string(),
    fc.domain(),
    fc.ipV4(),
    fc.ipV6(),
    fc
      .array(
        fc.constantFrom('web', 'shop', 'svc', 'pod', 'cluster', 'local', '10-0-3-51', '_http'),
        {
          minLength: 1,
          maxLength: 7,
        },
      )
      .map((labels) => labels.join('.')),
  );
  const types = fc.constantFrom(
    'A',
    'AAAA',
    'SRV',
    'PTR',
    'TXT',
    'NS',
    'SOA',
    'MX',
    'CNAME',
    'CAA',
  );
  fc.assert(
    fc.property(words, types, (name, type) => {
      const first = names.lookup(CLIENT, name, [type]);
      expect(names.lookup(CLIENT, name, [type])).toEqual(first);
      expect(first.queries.length).toBeLessThan(10);
    }),
  );
});

test('hosts answers before the cluster, and falls through when told', () => {
  const hosts = '    hosts {\n      10.9.9.9 legacy.corp\n      fallthrough\n    }\n';
  expect(namesOf(hosts).lookup(CLIENT, 'legacy.corp.').addresses).toEqual(['10.9.9.9']);
  expect(namesOf(hosts).lookup(CLIENT, 'web').addresses).toEqual(['10.100.7.7']);
  const closed = hosts.replace('      fallthrough\n', '');
  expect(namesOf(closed).lookup(CLIENT, 'web').rcode).toBe('SERVFAIL');
});

test('autopath walks the search list on the server when pods are verified', () => {
  const text = corefile('    autopath @kubernetes\n').replace('insecure', 'verified');
  const { queries, addresses } = new Names(smallCluster(text)).lookup(CLIENT, 'example.com', ['A']);
  expect(queries).toHaveLength(1);
  expect(addresses).toHaveLength(1);
  const insecure = namesOf('    autopath @kubernetes\n').lookup(CLIENT, 'example.com', ['A']);
  expect(insecure.queries).toHaveLength(4);
});

test('a plugin that is not simulated is said in the answer', () => {
  const { notes, addresses } = namesOf('    dns64\n').lookup(CLIENT, 'web');
  expect(addresses).toEqual(['10.100.7.7']);
  expect(notes[0]).toContain('plugin dns64 is declared, not simulated');
  const template = '    template IN A corp {\n      answer "{{ .Name }} 60 IN A 10.9.9.9"\n    }\n';
  expect(namesOf(template).lookup(CLIENT, 'a.corp.', ['A']).rcode).toBe('NOT-SIMULATED');
});

test('a Corefile that CoreDNS refuses leaves nobody to answer, with its file and line', () => {
  const { rcode, notes } = namesOf('    rewrite name\n').lookup(CLIENT, 'web');
  expect(rcode).toBe('TIMEOUT');
  expect(notes[0]).toBe(
    'CoreDNS does not start: configmap kube-system/coredns Corefile:3: ' +
      'too few arguments for a name rule',
  );
});

test('without a ready CoreDNS nobody answers, and the walk ends at once', () => {
  const store = smallCluster(corefile());
  store.delete('EndpointSlice', 'kube-system/kube-dns-1');
  const { rcode, queries, notes } = new Names(store).lookup(CLIENT, 'web');
  expect([rcode, queries.length]).toEqual(['TIMEOUT', 2]);
  expect(notes).toEqual(['service kube-system/kube-dns has no ready endpoint']);
});

test('a CoreDNS whose Corefile is not among the input is taken to have the add-on’s', () => {
  const store = smallCluster(corefile());
  store.delete('ConfigMap', 'kube-system/coredns');
  const { addresses, notes } = new Names(store).lookup(CLIENT, 'web');
  expect(addresses).toEqual(['10.100.7.7']);
  expect(notes[0]).toContain("the EKS add-on's own Corefile is assumed");
});

test('CoreDNS that forwards to itself is stopped', () => {
  const store = smallCluster(corefile().replace('/etc/resolv.conf', '10.100.0.10'));
  const { rcode, notes } = new Names(store).lookup(CLIENT, 'example.com.', ['A']);
  expect(rcode).toBe('SERVFAIL');
  expect(notes.join()).toContain('in a circle');
});

test('NodeLocal DNSCache takes the address on its node and goes on to CoreDNS by TCP', () => {
  const store = smallCluster(corefile());
  const upstream = {
    clusterIP: '10.100.0.11',
    clusterIPs: ['10.100.0.11'],
    ports: [{ name: 'dns-tcp', port: 53, protocol: 'TCP', targetPort: 53 }],
  } as const;
  putService(store, 'kube-system/kube-dns-upstream', upstream, [
    { addresses: ['10.0.3.77'], targetRef: { kind: 'Pod', name: 'coredns-1' } },
  ]);
  putCorefile(
    store,
    'cluster.local:53 {\n  bind 169.254.20.10\n  forward . __PILLAR__CLUSTER__DNS__ {\n    force_tcp\n  }\n}\n' +
      '.:53 {\n  forward . /etc/resolv.conf\n}\n',
    'node-local-dns',
  );
  putPod(store, 'kube-system/node-local-dns-1', '10.0.3.10', {
    hostNetwork: true,
    dnsPolicy: 'Default',
    containers: [
      {
        name: 'node-cache',
        image: 'registry.k8s.io/dns/k8s-dns-node-cache:1.23.1',
        args: ['-localip', '169.254.20.10,10.100.0.10', '-upstreamsvc', 'kube-dns-upstream'],
      },
    ],
    volumes: [
      {
        configMap: {
          name: 'node-local-dns',
          items: [{ key: 'Corefile', path: 'Corefile.base' }],
        },
      },
    ],
  });
  const [query] = new Names(store).lookup(CLIENT, 'web').queries;
  expect(query).toMatchObject({ answeredBy: 'node-local-dns', rcode: 'NOERROR' });
  expect(query!.forwarded[0]).toMatchObject({ server: '10.100.0.11', protocol: 'tcp' });
});

test("a pod's own hosts file comes before any server", () => {
  const store = smallCluster(corefile());
  putPod(store, 'shop/client', '10.0.3.50', {
    hostAliases: [{ ip: '10.9.9.9', hostnames: ['web'] }],
  });
  const { addresses, queries } = new Names(store).lookup(CLIENT, 'web');
  expect([addresses, queries]).toEqual([['10.9.9.9'], []]);
});

test('a node and a pod with Default ask the resolver of the VPC', () => {
  const names = namesOf();
  const node = { kind: 'node', name: NODE } as const;
  expect(names.resolverOf(node)).toMatchObject({ servers: ['10.0.0.2'] });
  expect(names.lookup(node, 'web.shop.svc.cluster.local').rcode).toBe('NXDOMAIN');
});

test('an ExternalName leads outside the cluster', () => {
  const store = smallCluster(corefile());
  const spec = { type: 'ExternalName', externalName: 'api.example.com' } as const;
  putService(store, 'shop/api', spec);
  const { records, addresses } = new Names(store).lookup(CLIENT, 'api', ['A']);
  expect(records[0]).toMatchObject({ type: 'CNAME', data: 'api.example.com.' });
  expect(addresses).toHaveLength(1);
});

import { beforeAll, describe, expect, test } from 'vitest';
import { settledTwin, smallCluster } from '../../twin/small-cluster.fixture.ts';
import type { Twin } from '../../twin/twin.ts';
import { worldOf } from '../shell.fixture.ts';
import { ownCommand } from './own-command.ts';

const POD = `apiVersion: v1
kind: ConfigMap
metadata: {name: scripts}
data: {good.sh: "curl -s http://web", bad.sh: "make all"}
---
apiVersion: v1
kind: Pod
metadata: {name: p}
spec:
  volumes: [{name: s, configMap: {name: scripts}}]
  containers:
    - name: c
      image: nginx
      env: [{name: HOST, value: web}]
      volumeMounts: [{name: s, mountPath: /s}]
`;

describe('what a container runs itself', () => {
  let twin: Twin;
  beforeAll(async () => {
    twin = await settledTwin(smallCluster(1), POD);
  });

  /** Of the pod's container with these fields. */
  function commandOf(fields: object, isAttended = false) {
    const pod = twin.store.get('Pod', 'default/p')!;
    const containers = [{ ...pod.spec.containers[0]!, ...fields }];
    twin.store.put('Pod', 'default/p', { ...pod, spec: { ...pod.spec, containers } });
    const machine = { kind: 'pod' as const, podKey: 'default/p', container: 'c' };
    const own = ownCommand(worldOf(twin), machine, isAttended);
    twin.store.put('Pod', 'default/p', pod);
    return own?.kind === 'runs' ? own.argv : own?.missing;
  }
  const sh = (script: string) => commandOf({ command: ['/bin/sh', '-c', script] });

  test('its command with its arguments, and what they say of variables', () => {
    expect(commandOf({ command: ['wget'], args: ['http://$(HOST)/$(NO)/$$(HOST)'] })).toEqual([
      'wget',
      'http://web/$(NO)/$(HOST)',
    ]);
    expect(commandOf({ args: ['nslookup', 'web'] })).toEqual(['nslookup', 'web']);
  });

  test('without a command its image decides, which nobody knows; who types gets a shell', () => {
    expect(commandOf({})).toBeUndefined();
    expect(commandOf({ stdin: true }, true)).toEqual(['sh']);
    expect(commandOf({ command: ['sh'], tty: true })).toBeUndefined();
  });

  test.each([
    ['until nslookup db; do echo waiting; sleep 2; done'],
    ['while true; do wget -q -O- http://web && echo OK || echo FAILED; sleep 1; done'],
    ['f() { curl -s "http://$1"; }; for h in a b; do f $h; done'],
    ['echo $(date) > /tmp/x; if [ -f /tmp/x ]; then cat /tmp/x; fi'],
    ['timeout 5 nc -zv web 80; exec sleep infinity'],
    ['sh /s/good.sh'],
  ])('runs %s', (script) => {
    expect(sh(script)).toEqual(['/bin/sh', '-c', script]);
  });

  test.each([
    ['apk add curl && curl http://web', 'apk'],
    ['nginx -g "daemon off;"', 'nginx'],
    ['sleep 5 & wait', '&'],
    ['while true; do { echo ok; } | nc -l -p 80; done', 'nc -l'],
    ['echo $(python -V)', 'python'],
    ['$CMD now', 'a program named by a variable'],
    ['timeout 5 make', 'make'],
    ['exec /app/server', '/app/server'],
    ['mysql -h db', 'mysql'],
    ['sh /s/bad.sh', 'make'],
    ['sh /none.sh', '/none.sh'],
    ['if true', 'script: syntax error: unexpected end of file'],
  ])('%s: nothing of it, because of %s', (script, missing) => {
    expect(sh(script)).toBe(missing);
  });
});

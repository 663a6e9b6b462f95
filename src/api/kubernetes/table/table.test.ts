import { describe, expect, test } from 'vitest';
import type { KubernetesObject } from '../../../model/kubernetes/meta.ts';
import { RESOURCES, resourceCalled } from '../../../model/kubernetes/resources.ts';
import { timestamp } from '../../../model/time.ts';
import { settledTwin, smallCluster } from '../../../twin/small-cluster.fixture.ts';
import { emptyStore } from '../../../twin/twin.ts';
import type { Cell } from './column.ts';
import { rowPrinterOf } from './printers.ts';
import { tableRow } from './table.ts';

const store = emptyStore();

/** The row of an object as `-o wide` heads would name its cells. */
function rowOf(plural: string, object: object, nowMs = 0): Record<string, Cell | undefined> {
  const printer = rowPrinterOf(store, resourceCalled(plural)!);
  const whole = { apiVersion: 'v1', kind: 'X', metadata: { name: 'it' }, ...object };
  const cells = printer.cells(whole as never, nowMs);
  return Object.fromEntries(printer.columns.map(({ name }, i) => [name, cells[i]]));
}

const container = (name: string, more: object = {}) => ({ name, image: `${name}:1`, ...more });
const status = (name: string, more: object = {}) => ({
  name,
  ready: false,
  restartCount: 0,
  image: name,
  imageID: '',
  ...more,
});
const podStatus = (statusFields: object, spec: object = {}, metadata: object = {}) =>
  rowOf('pods', {
    metadata: { name: 'web', ...metadata },
    spec: { containers: [container('app')], ...spec },
    status: statusFields,
  });

describe('the STATUS of a pod', () => {
  const cases: readonly (readonly [string, object, object?, object?])[] = [
    ['Pending', { phase: 'Pending' }],
    ['Evicted', { phase: 'Failed', reason: 'Evicted' }],
    [
      'SchedulingGated',
      {
        phase: 'Pending',
        conditions: [{ type: 'PodScheduled', status: 'False', reason: 'SchedulingGated' }],
      },
    ],
    [
      'ContainerCreating',
      {
        phase: 'Pending',
        containerStatuses: [status('app', { state: { waiting: { reason: 'ContainerCreating' } } })],
      },
    ],
    [
      'Signal:9',
      {
        phase: 'Failed',
        containerStatuses: [
          status('app', { state: { terminated: { exitCode: 137, signal: 9, reason: '' } } }),
        ],
      },
    ],
    [
      'ExitCode:3',
      {
        phase: 'Failed',
        containerStatuses: [status('app', { state: { terminated: { exitCode: 3, reason: '' } } })],
      },
    ],
    [
      'Init:0/2',
      {
        phase: 'Pending',
        initContainerStatuses: [
          status('a', { state: { waiting: { reason: 'PodInitializing' } } }),
          status('b'),
        ],
      },
      { initContainers: [container('a'), container('b')] },
    ],
    [
      'Init:CrashLoopBackOff',
      {
        phase: 'Pending',
        initContainerStatuses: [
          status('a', { state: { waiting: { reason: 'CrashLoopBackOff' } } }),
        ],
      },
      { initContainers: [container('a')] },
    ],
    [
      'Init:ExitCode:1',
      {
        phase: 'Pending',
        initContainerStatuses: [
          status('a', { state: { terminated: { exitCode: 1, reason: '' } } }),
        ],
      },
      { initContainers: [container('a')] },
    ],
    ['Terminating', { phase: 'Running' }, {}, { deletionTimestamp: timestamp(0) }],
    ['Succeeded', { phase: 'Succeeded' }, {}, { deletionTimestamp: timestamp(0) }],
    ['Unknown', { phase: 'Running', reason: 'NodeLost' }, {}, { deletionTimestamp: timestamp(0) }],
  ];
  test.each(cases)('is %s', (expected, ...rest) => {
    expect(podStatus(...(rest as [object])).Status).toBe(expected);
  });

  test('stays Running or becomes NotReady while one of its containers runs on after another completed', () => {
    const containerStatuses = [
      status('done', { state: { terminated: { exitCode: 0, reason: 'Completed' } } }),
      status('app', { ready: true, state: { running: { startedAt: timestamp(0) } } }),
    ];
    const spec = { containers: [container('done'), container('app')] };
    const ready = [{ type: 'Ready', status: 'True' }];
    expect(podStatus({ phase: 'Running', containerStatuses }, spec)).toMatchObject({
      Ready: '1/2',
      Status: 'NotReady',
    });
    expect(podStatus({ phase: 'Running', conditions: ready, containerStatuses }, spec).Status).toBe(
      'Running',
    );
  });

  test('restarts say how long ago the last one was', () => {
    const lastState = { terminated: { exitCode: 1, reason: 'Error', finishedAt: timestamp(0) } };
    const pod = {
      spec: { containers: [container('app')] },
      status: {
        phase: 'Running',
        containerStatuses: [status('app', { restartCount: 3, lastState })],
      },
    };
    expect(rowOf('pods', pod, 5 * 60_000).Restarts).toBe('3 (5m ago)');
  });

  test('a running sidecar counts among the containers', () => {
    const running = { running: { startedAt: timestamp(0) } };
    const row = podStatus(
      {
        phase: 'Running',
        initContainerStatuses: [status('proxy', { ready: true, started: true, state: running })],
        containerStatuses: [status('app', { ready: true, state: running })],
      },
      { initContainers: [container('proxy', { restartPolicy: 'Always' })] },
    );
    expect(row).toMatchObject({ Ready: '2/2', Status: 'Running' });
  });
});

describe('the columns of other kinds', () => {
  test('an Ingress of many hosts names three', () => {
    const rules = ['a.io', 'b.io', 'c.io', 'd.io', 'e.io'].map((host) => ({ host }));
    expect(rowOf('ingresses', { spec: { rules } }).Hosts).toBe('a.io,b.io,c.io + 2 more...');
  });

  test('Endpoints of many addresses name three', () => {
    const addresses = ['10.0.0.1', '10.0.0.2', '10.0.0.3', '10.0.0.4'].map((ip) => ({ ip }));
    const subsets = [{ addresses, ports: [{ port: 80 }] }];
    expect(rowOf('endpoints', { subsets }).Endpoints).toBe(
      '10.0.0.1:80,10.0.0.2:80,10.0.0.3:80 + 1 more...',
    );
    expect(rowOf('endpoints', {}).Endpoints).toBe('<none>');
  });

  test('a selector is written in the order of its keys', () => {
    const podSelector = {
      matchLabels: { z: '1' },
      matchExpressions: [{ key: 'a', operator: 'In', values: ['y', 'x'] }],
    };
    expect(rowOf('netpol', { spec: { podSelector } })['Pod-Selector']).toBe('a in (x,y),z=1');
  });

  test('the default storage class says so', () => {
    const annotations = { 'storageclass.kubernetes.io/is-default-class': 'true' };
    const row = rowOf('sc', { metadata: { name: 'gp2', annotations }, provisioner: 'ebs' });
    expect(row).toMatchObject({ Name: 'gp2 (default)', ReclaimPolicy: 'Delete' });
  });

  test('an autoscaler shows what it measures of what it aims at', () => {
    const spec = {
      scaleTargetRef: { kind: 'Deployment', name: 'web' },
      maxReplicas: 5,
      metrics: [
        { type: 'Resource', resource: { name: 'cpu', target: { averageUtilization: 80 } } },
      ],
    };
    expect(rowOf('hpa', { spec })).toMatchObject({
      Reference: 'Deployment/web',
      Targets: 'cpu: <unknown>/80%',
      MinPods: '<unset>',
    });
  });

  test('a Gateway shows what its definition asks for, a kind without columns its age', () => {
    const status = { conditions: [{ type: 'Programmed', status: 'True' }] };
    const gateway = rowOf('gateways', { spec: { gatewayClassName: 'alb' }, status });
    expect(gateway).toMatchObject({ Class: 'alb', Programmed: 'True', Address: null });
    const { columns } = rowPrinterOf(store, resourceCalled('eniconfigs')!);
    expect(columns.map(({ name }) => name)).toEqual(['Name', 'Age']);
  });

  test('a role is shown with the time it was made', () => {
    const metadata = { name: 'reader', creationTimestamp: timestamp(0) };
    expect(rowOf('roles', { metadata })).toEqual({
      Name: 'reader',
      'Created At': '2026-01-01T00:00:00Z',
    });
  });
});

test('every kind we serve has as many cells as columns, whatever is missing', () => {
  expect(RESOURCES.length).toBeGreaterThan(60);
  for (const resource of RESOURCES) {
    const printer = rowPrinterOf(store, resource);
    const spec = {
      containers: [],
      template: { spec: { containers: [] } },
      jobTemplate: { spec: { template: { spec: { containers: [] } } } },
    };
    const object = { kind: resource.kind, metadata: { name: 'x' }, spec, involvedObject: {} };
    expect(printer.cells(object as never, 0).length, resource.kind).toBe(printer.columns.length);
  }
});

test('a settled cluster is listed as kubectl would', async () => {
  const twin = await settledTwin(smallCluster(2), '');
  const nodes = twin.store.list('Node');
  const printer = rowPrinterOf(twin.store, resourceCalled('nodes')!);
  const rows = nodes.map((node) => tableRow(printer, node, twin.clock.now()));
  expect(rows).toHaveLength(2);
  expect(rows[0]!.cells.slice(0, 3)).toEqual([nodes[0]!.metadata.name, 'Ready', '<none>']);
});

test('10,000 pods become the text of a table within 150 ms', async () => {
  const twin = await settledTwin(smallCluster(1), '');
  const pod = twin.store.list('Pod').find(({ spec }) => spec.hostNetwork !== true)!;
  const pods: KubernetesObject[] = Array.from({ length: 10_000 }, (_, i) => ({
    ...pod,
    metadata: { ...pod.metadata, name: `web-${i}` },
  }));
  const printer = rowPrinterOf(twin.store, resourceCalled('pods')!);
  const times = Array.from({ length: 7 }, () => {
    const from = performance.now();
    JSON.stringify(pods.map((it) => tableRow(printer, it, twin.clock.now())));
    return performance.now() - from;
  }).sort((a, b) => a - b);
  // The limit is for the fastest: other work shares the machine.
  expect(times[0]).toBeLessThan(150);
});

import { describe, expect, test } from 'vitest';
import { put, service, slice, storeOf } from './kube-proxy.fixture.ts';
import { ServiceViews } from './service-views.ts';

describe('what all kube-proxies see', () => {
  test('a change of one Service makes one new view', () => {
    const store = storeOf(
      service(),
      slice(['10.0.0.1']),
      service({ clusterIP: '172.30.0.42' }, { name: 'svc2' }),
    );
    const views = new ServiceViews(store);
    const [first, second] = views.ports(4);
    put(store, slice(['10.0.0.1', '10.0.0.2']));
    const [changed, same] = views.ports(4);
    expect(changed!.endpoints).toHaveLength(2);
    expect(changed!.port).toBe(first!.port);
    expect(same).toBe(second);
  });

  test('a write that says nothing new changes nothing', () => {
    const store = storeOf(service(), slice(['10.0.0.1']));
    const views = new ServiceViews(store);
    const before = views.ports(4);
    put(store, { ...slice(['10.0.0.1']), extra: 'annotated' } as never);
    expect(views.ports(4)).toBe(before);
  });

  test('Services come and go in the order of their names', () => {
    const store = storeOf(service({}, { name: 'b' }));
    const views = new ServiceViews(store);
    put(store, service({ clusterIP: '172.30.0.42' }, { name: 'a' }));
    expect(views.ports(4).map(({ port }) => port.name)).toEqual(['ns1/a:p80', 'ns1/b:p80']);
    store.delete('Service', 'ns1/b');
    expect(views.ports(4).map(({ port }) => port.name)).toEqual(['ns1/a:p80']);
  });
});

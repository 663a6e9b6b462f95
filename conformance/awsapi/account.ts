/** conformance/awsapi/account — a new account in one region, with the default VPC all accounts have. */
import { createCloud } from '../../src/cloud/cloud.ts';
import { createKubernetes } from '../../src/cluster/create-kubernetes.ts';
import { Simulation } from '../../src/sim/simulation.ts';
import { emptyStore, Twin } from '../../src/twin/twin.ts';
import { makeDefaultVpc } from './default-vpc.ts';

/** A twin of nothing but that. */
export function newAccount(region: string): Twin {
  const clock = new Simulation(1);
  const store = emptyStore();
  const cloud = createCloud({
    store,
    clock,
    random: clock.random.split(region),
    region,
    accountId: '123456789012',
    addressChoice: 'random',
  });
  makeDefaultVpc(cloud, store);
  const serviceCidrs = { ipv4: '172.20.0.0/16' };
  const kubernetes = createKubernetes({ store, clock, random: clock.random, serviceCidrs });
  return new Twin({ clock, store, cloud, kubernetes, timeline: false });
}

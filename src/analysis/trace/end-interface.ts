/** analysis/trace/end-interface — the ENI that an instance, an id or a database's name stands for. */
import { databaseOf } from '../../model/ec2/database.ts';
import type { NetworkInterface } from '../../model/ec2/network-interface.ts';
import { InputError } from '../../model/input-error.ts';
import type { TwinStore } from '../../model/kinds.ts';
import { nearestWords } from '../../model/nearest.ts';
import type { EndpointText } from './endpoint-text.ts';

export type InterfaceText = Extract<
  EndpointText,
  { readonly kind: 'database' | 'instance' | 'interface' }
>;

/** The interface an instance, an interface id or a database's name stands for. */
export function interfaceOf(
  store: TwinStore,
  text: InterfaceText,
  where: string,
): NetworkInterface {
  const { kind, name } = text;
  if (kind === 'interface') {
    const eni = store.get('ec2/network-interface', name);
    if (eni !== undefined) return eni;
    const ids = store.list('ec2/network-interface').map((it) => it.networkInterfaceId);
    throw missing(where, `network interface ${name}`, nearestWords(name, ids), 'ekstwin get enis');
  }
  if (kind === 'instance') {
    const enis = store.lookup('ec2/network-interface', 'instance', name);
    const primary = enis.find((it) => it.attachment?.deviceIndex === 0) ?? enis[0];
    if (primary !== undefined) return primary;
    const ids = store.list('ec2/instance').map((it) => it.instanceId);
    throw missing(where, `instance ${name}`, nearestWords(name, ids), 'ekstwin get instances');
  }
  const databases = databaseInterfaces(store);
  const found = databases.find((it) => it.name === name);
  if (found !== undefined) return found.eni;
  throw missing(
    where,
    `database ${name}`,
    databases.map((it) => `db/${it.name}`).slice(0, 3),
    'ekstwin get enis',
  );
}

const missing = (where: string, what: string, near: readonly string[], list: string): InputError =>
  new InputError(
    where,
    `${what} not found`,
    near.length > 0 ? `did you mean ${near.join(' or ')}?` : `"${list}" lists what there is`,
  );

/** Databases by the name RDS has for them, or the interface's Name tag. */
function databaseInterfaces(
  store: TwinStore,
): readonly { readonly name: string; readonly eni: NetworkInterface }[] {
  return store.list('ec2/network-interface').flatMap((eni) => {
    if (!/^RDSNetworkInterface|^ElastiCache/.test(eni.description)) return [];
    const name = databaseOf(eni) ?? eni.tags.Name;
    return name === undefined ? [] : [{ name, eni }];
  });
}

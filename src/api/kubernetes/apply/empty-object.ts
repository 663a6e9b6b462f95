/**
 * api/kubernetes/apply/empty-object — what a new object of a Go type says in JSON before anybody
 * wrote into it: structs no pointer holds, lists and maps as null without omitempty. What a
 * creator owns is what differs from it.
 *
 * Upstream: kubernetes/apiserver pkg/endpoints/handlers/create.go (scope.Creater.New).
 */
import { type TypeSchema, typeNamed, typeOfKind } from '../../../cluster/schema/type-schema.ts';

type Plain = Readonly<Record<string, unknown>>;

const empties = new Map<string, Plain>();

/** The empty object of a kind; of a custom resource only its kind. */
export function emptyObjectOf(apiVersion: string, kind: string): Plain {
  const type = typeOfKind(apiVersion, kind);
  return { apiVersion, kind, ...(type === undefined ? {} : emptyOf(type)) };
}

function emptyOf(type: TypeSchema): Plain {
  const known = empties.get(type.name);
  if (known !== undefined) return known;
  const empty: Record<string, unknown> = {};
  for (const field of type.fields.values()) {
    const { name, type: of, isPointer, isAlwaysWritten } = field;
    if (of.kind === 'type') {
      if (!isPointer) empty[name] = emptyOf(typeNamed(of.name));
      else if (isAlwaysWritten) empty[name] = null;
    } else if (isAlwaysWritten) empty[name] = isPointer ? null : zeroOf(of.kind);
  }
  empties.set(type.name, empty);
  return empty;
}

const zeroOf = (kind: string): unknown => {
  if (kind === 'string') return '';
  if (kind === 'bool') return false;
  return kind === 'int32' || kind === 'int64' || kind === 'double' ? 0 : null;
};

/** What R4 says of a target of a row: whether it exists, and what stands there. */
import { type ElementInfo, element, elements, isPrimitive, isResource } from '../fhir/elements.ts';
import { parseTarget, type TargetStep } from '../map/paths.ts';
import { didYouMean } from './suggest.ts';

/** Where rows write: a type, and the required binding that holds for the code inside it. */
export interface FhirPlace {
  /** `Patient`, `Patient.contact`, `HumanName`, `code`. */
  readonly type: string;
  readonly binding?: string | undefined;
  /** Reference targets; undefined where any, or where it is none. */
  readonly targets?: readonly string[] | undefined;
}

export interface Target extends FhirPlace {
  /** Element names from where the row stands, labels and choice forms removed, for the lint of required elements. */
  readonly names: readonly string[];
  readonly list: boolean;
}

export type Resolved = { readonly target: Target } | { readonly code: 'bad-target' | 'unknown-element'; readonly text: string };

/** Follows `to` from a place. What cannot be known (a contained resource) resolves to the type `Resource`. */
export function resolveTarget(from: FhirPlace, to: string): Resolved {
  let steps: TargetStep[];
  try {
    steps = parseTarget(to);
  } catch {
    return {
      code: 'bad-target',
      text: `"${to}" is no path to a FHIR element (names joined by dots, with [label] or extension(NAME)); correct it`,
    };
  }
  let place: Target = { ...from, names: [], list: false };
  for (const step of steps) {
    const next = follow(place, step, to);
    if ('code' in next) return next;
    place = next.target;
  }
  return { target: place };
}

function follow(place: Target, step: TargetStep, to: string): Resolved {
  if (place.type === 'Resource') return { target: place };
  if (step.kind === 'extension') return { target: { type: 'Extension', names: [...place.names, step.name], list: true } };
  const { name, label } = step;
  if (name === '$this' || name === '$value') return { target: place };
  if (name.startsWith('$'))
    return {
      code: 'bad-target',
      text: `"${name}" is no place to write to (in ${to}: $this and $value are, $next among the rows of a datatype map, $resource right below a reference that such a map makes); correct it`,
    };
  const info = isPrimitive(place.type)
    ? name === 'extension'
      ? element('Element', 'extension')
      : undefined
    : element(place.type, name);
  if (!info) return { code: 'unknown-element', text: unknown(place.type, name, to) };
  if (name.endsWith('[x]'))
    return {
      code: 'bad-target',
      text: `"${name}" does not say which type is written (it is a choice); write ${name.slice(0, -3)}${capital(info.types[0] ?? '')} or the like`,
    };
  if (label !== '' && !info.list)
    return { code: 'bad-target', text: `"${name}" takes no label (it does not repeat in ${place.type}); remove [${label}]` };
  return {
    target: {
      type: info.path,
      binding: bindingOf(place, name, info),
      targets: info.targets?.includes('Resource') ? undefined : info.targets,
      names: [...place.names, info.choice ?? name],
      list: info.list,
    },
  };
}

/** A CodeableConcept's binding holds for its codings, and theirs for the code. */
function bindingOf(place: FhirPlace, name: string, info: ElementInfo): string | undefined {
  if (info.binding) return info.binding.strength === 'required' ? info.binding.valueSet : undefined;
  const handedDown = (place.type === 'CodeableConcept' && name === 'coding') || (place.type === 'Coding' && name === 'code');
  return handedDown ? place.binding : undefined;
}

function unknown(type: string, name: string, to: string): string {
  const within = to === name ? '' : ` in ${to}`;
  if (isPrimitive(type))
    return `"${name}" is no element of ${type} (${type} is a simple type${within}); write extension(NAME), or nothing`;
  const choice = element(type, `${name}[x]`);
  if (choice)
    return `"${name}" does not say which type is written (${name}[x] of ${type} is a choice${within}); write ${name}${capital(choice.types[0] ?? '')} or the like`;
  return `"${name}" is no element of ${type} (R4 has none of that name${within})${didYouMean(name, names(type), 'see the elements of the type in R4')}`;
}

function* names(type: string): Iterable<string> {
  for (const [name, info] of elements(type)) {
    if (name.endsWith('[x]')) for (const form of info.types) yield name.slice(0, -3) + capital(form);
    else yield name;
  }
}

/** Whether what `made` is may stand at a Reference. */
export function mayRefer(place: FhirPlace, made: string): boolean {
  return place.type === 'Reference' && (place.targets === undefined || !isResource(made) || place.targets.includes(made));
}

function capital(type: string): string {
  return type.charAt(0).toUpperCase() + type.slice(1);
}

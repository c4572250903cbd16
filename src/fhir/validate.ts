/**
 * Whether a resource is valid R4 (promise 6: valid or held): structure, cardinality, datatypes, required bindings, references and the
 * standard's constraints. Profiles, terminology beyond the required bindings, and references to other servers are not looked at.
 */
import { bundleScope, type KnownTypes, localTypes, requestIssues } from './bundle-rules.ts';
import { extensionInfo, standsRight } from './extensions.ts';
import type { FhirIssue, FhirIssueCode, Node, Scope } from './issue.ts';
import { narrativeFault } from './narrative.ts';
import { children, isNode } from './nodes.ts';
import { type Binding, type Field, type Plan, planBelow, planOf, type Rule } from './plan.ts';
import { type ReferenceForm, referenceForm } from './references.ts';

export type { FhirIssue, FhirIssueCode } from './issue.ts';

/** Elements below elements; real resources have some ten. What is deeper is refused before it can exhaust the stack. */
const deepest = 100;
const absolute = /^[a-z][a-z\d+.-]*:/i;
/** After so many findings the rest says nothing new. */
const most = 500;

/**
 * Everything that is wrong with a resource, as parsed JSON; empty when it is valid. Decimals may be numbers or raw JSON numbers; members
 * that are `undefined` count as absent. A Bundle is validated with its entries and the references between them.
 */
export function validate(resource: unknown): FhirIssue[] {
  const walk = new Walk();
  walk.resource(resource);
  return walk.issues;
}

/** The same for what must be a Bundle. */
export function validateBundle(bundle: unknown): FhirIssue[] {
  if (isNode(bundle) && bundle.resourceType === 'Bundle') return validate(bundle);
  return [{ path: '', code: 'not-a-resource', text: 'This is not a Bundle; give a resource of the type Bundle' }];
}

interface Holder {
  readonly plan: Plan;
  /** The element that it is; undefined for a resource. */
  readonly as: Field | undefined;
}

class Walk {
  readonly issues: FhirIssue[] = [];
  /** Names and list indexes from the outermost resource to where the walk is; read only when there is something to report. */
  private readonly at: (string | number)[] = [];
  private known: KnownTypes | undefined;
  private scope: Scope | undefined;
  /** What the element at hand stands in. */
  private holder: Holder | undefined;
  private locals: ReadonlyMap<string, string> | undefined;

  resource(value: unknown, contained = false): void {
    if (!isNode(value) || typeof value.resourceType !== 'string') {
      this.report('not-a-resource', 'A resource is an object with a resourceType; give it one');
      return;
    }
    const plan = planOf(value.resourceType);
    if (plan === undefined || !plan.resource) {
      this.report('unknown-resource', 'R4 has no resource of this type; correct resourceType');
      return;
    }
    if (this.at.length === 0) this.at.push(plan.type);
    if (contained) {
      const outer = this.scope;
      if (value.id === undefined) this.report('contained', 'A contained resource needs an id to be referred to; give it one');
      if (outer) this.scope = { ...outer, resource: value };
      this.object(plan, value);
      this.scope = outer;
      return;
    }
    const { known, scope, locals } = this;
    if (plan.type === 'Bundle') this.known = bundleScope(value);
    this.locals = value.contained === undefined ? undefined : localTypes(value);
    this.scope = { resource: value, root: value, targetType: (reference) => this.targetType(reference) };
    this.object(plan, value);
    this.known = known;
    this.scope = scope;
    this.locals = locals;
  }

  private object(plan: Plan, node: Node, as?: Field): void {
    const { at, holder } = this;
    if (at.length > 2 * deepest) {
      this.report('depth', 'Elements are nested too deep; send a flatter resource');
      return;
    }
    this.holder = { plan, as };
    let chosen: Field[] | undefined;
    let alive = false;
    for (const key in node) {
      const value = node[key];
      if (value === undefined) continue;
      if (key !== 'id') alive = true;
      if (plan.resource && key === 'resourceType') continue;
      const beside = key.charCodeAt(0) === 95;
      const field = plan.fields.get(beside ? key.slice(1) : key);
      at.push(key);
      if (field === undefined || (beside && field.primitive === undefined)) {
        this.report('unknown-element', `${plan.type} has no element of this name; correct the name, or use an extension`);
      } else {
        if (field.choice >= 0) {
          chosen ??= [];
          const other = chosen[field.choice];
          if (other !== undefined && other !== field)
            this.report('choice', `Two forms of a choice are given (${other.name} is there too); keep one of them`);
          chosen[field.choice] = field;
        }
        if (beside) this.beside(field, value, node[field.name]);
        else this.field(field, value, node);
      }
      at.pop();
    }
    if (!alive && !plan.resource) this.report('ele-1', 'The element is empty; give it a value or leave it out');
    for (const names of plan.required) {
      if (!hasOne(node, names)) {
        at.push(names[0] ?? '');
        this.report('required', `${plan.type} must have this element; give it a value`);
        at.pop();
      }
    }
    this.rules(plan.rules, node);
    switch (plan.type) {
      case 'Extension':
        this.extension(node, holder);
        break;
      case 'Coding':
      case 'Identifier':
        if (typeof node.system === 'string' && !absolute.test(node.system))
          this.report('system', 'A system is an absolute URI (a local name tells nothing elsewhere); give it one', 'system');
        break;
      case 'Bundle.entry':
        for (const issue of requestIssues(node, this.known?.bundleType)) this.report(issue.code, issue.text, issue.at);
        break;
    }
    this.holder = holder;
  }

  private field(field: Field, value: unknown, owner: Node): void {
    if (!field.list) {
      if (Array.isArray(value)) this.report('list', 'The element does not repeat; give one value, not an array');
      else this.value(field, value);
      return;
    }
    if (!Array.isArray(value)) {
      this.report('list', 'The element repeats; give its values in an array');
      return;
    }
    if (value.length === 0) this.report('ele-1', 'The list is empty; give it a value or leave it out');
    for (let i = 0; i < value.length; i++) {
      this.at.push(i);
      // In a list of primitives null keeps the place of a value that has only extensions.
      if (value[i] === null && field.primitive !== undefined) {
        const beside = owner[`_${field.name}`];
        if (!Array.isArray(beside) || !isNode(beside[i]))
          this.report('ele-1', 'The value is null and has no extension; leave it out');
      } else this.value(field, value[i]);
      this.at.pop();
    }
  }

  private value(field: Field, value: unknown): void {
    if (field.primitive !== undefined) {
      this.primitive(field, field.primitive(value), value);
      return;
    }
    if (!isNode(value)) {
      this.report('type', `The element is a ${field.type}, an object in JSON; give it as one`);
      return;
    }
    if (field.type === 'Resource') {
      this.resource(value, field.name === 'contained');
      return;
    }
    const plan = planBelow(field);
    if (plan === undefined) return;
    this.object(plan, value, field);
    if (field.binding !== undefined) this.bound(field, field.binding, value);
    if (field.rules.length > 0) this.rules(field.rules, value);
    if (field.type === 'Reference' && value.reference !== undefined) this.reference(field, value.reference, value.type);
  }

  private primitive(field: Field, fault: 'type' | 'format' | undefined, value: unknown): void {
    if (fault === 'type') this.report('type', `The value has not the JSON type of a ${field.type}; give it as one`);
    else if (fault === 'format') this.report('format', `The value has not the form of a ${field.type}; correct it`);
    else if (field.binding !== undefined && !field.binding.codes.has(value as string))
      this.report('binding', 'The code is not in the value set that is required here; map it to one that is');
    else if (field.type === 'xhtml') {
      const wrong = narrativeFault(value as string);
      if (wrong === 'txt-1') this.report(wrong, 'A narrative holds only basic XHTML in one div; simplify it');
      if (wrong === 'txt-2') this.report(wrong, 'A narrative must say something; fill it or leave it out');
    }
  }

  /** `_name`: id and extensions of a primitive. */
  private beside(field: Field, value: unknown, main: unknown): void {
    const plan = planOf('Element');
    if (plan === undefined) return;
    const one = (item: unknown) => {
      if (isNode(item)) this.object(plan, item, field);
      else this.report('type', 'Beside a primitive stands an object with its extensions; give it as one');
    };
    const codeless = 'No code is given (an extension is no code), and one of the value set is required here; map it to one';
    if (!field.list) {
      one(value);
      if (field.binding !== undefined && main === undefined) this.report('binding', codeless);
      return;
    }
    if (!Array.isArray(value)) {
      this.report('list', 'The element repeats; give its extensions in an array');
      return;
    }
    for (let i = 0; i < value.length; i++) {
      this.at.push(i);
      const valued = Array.isArray(main) && main[i] !== undefined && main[i] !== null;
      if (field.binding !== undefined && !valued) this.report('binding', codeless);
      if (value[i] !== null) one(value[i]);
      else if (!Array.isArray(main) || main[i] === undefined) this.report('ele-1', 'Nothing stands at this place; leave it out');
      this.at.pop();
    }
  }

  private bound(field: Field, binding: Binding, value: Node): void {
    const codings = field.type === 'Coding' ? [value] : Array.isArray(value.coding) ? value.coding : [];
    const fits = codings.some((c) => isNode(c) && binding.systems[String(c.system)]?.includes(String(c.code)) === true);
    if (!fits) this.report('binding', 'No coding is of the value set that is required here; map it to one that is');
  }

  private extension(node: Node, holder: Holder | undefined): void {
    let form: string | undefined;
    for (const key in node) if (/^_?value[A-Z]/.test(key) && node[key] !== undefined) form = key.replace(/^_/, '');
    if ((form !== undefined) === (node.extension !== undefined))
      this.report('ext-1', 'An extension has either a value or extensions of its own; give it one of the two');
    if (typeof node.url !== 'string') return;
    // Within a complex extension the parts have short names; on its own an extension is known by an absolute URL.
    if (holder?.plan.type === 'Extension') return;
    if (!absolute.test(node.url)) {
      this.report('extension-url', 'An extension is known by an absolute URL; give it its whole URL', 'url');
      return;
    }
    const info = extensionInfo(node.url);
    if (info === undefined || holder === undefined) return;
    // Beside a primitive stands an Element, whose type is that of the primitive.
    const { plan, as } = holder;
    if (!standsRight(info, plan.type === 'Element' ? (as?.type ?? 'Element') : plan.type, as?.element))
      this.report(
        'extension-context',
        'This extension may not stand here (the standard says where it may); move it, or use another',
      );
    if (form !== undefined && !isOf(form, info.types))
      this.report(
        'extension-value',
        'The value of this extension is of another type (the standard says of which); give it as that',
        form,
      );
    for (const part of children(node, 'extension')) {
      const types = info.parts.get(String(part.url));
      const value = Object.keys(part).find((key) => key.startsWith('value'));
      if (types === undefined || (value !== undefined && !isOf(value, types)))
        this.report(
          'extension-value',
          'A part of this extension is not one that the standard gives it; see its definition',
          'extension',
        );
    }
  }

  private reference(field: Field, text: unknown, said: unknown): void {
    if (typeof text !== 'string') return;
    const form = referenceForm(text);
    if (form === undefined) {
      this.report(
        'reference-format',
        'The reference is not of the form Type/id, an absolute URL, urn:uuid: or #id; correct it',
        'reference',
      );
      return;
    }
    if (form.kind === 'conditional' && this.known?.bundleType !== 'transaction')
      this.report(
        'reference-format',
        'A conditional reference stands only in a transaction; give the reference of the resource',
        'reference',
      );
    const type = this.typeOf(form, text);
    if (form.kind === 'local' && form.id !== '' && type === undefined)
      this.report('ref-1', 'No contained resource has this id; contain it, or correct the reference', 'reference');
    if (form.kind === 'urn' && type === undefined && this.known?.closed === true)
      this.report(
        'reference-unresolved',
        'No entry of the bundle has this fullUrl; add the entry, or correct the reference',
        'reference',
      );
    if (type !== undefined && typeof said === 'string' && said !== type)
      this.report('reference-target', 'The type beside the reference is not that of what it points at; leave it out', 'type');
    if (type !== undefined && field.targets !== undefined && !field.targets.has(type))
      this.report(
        'reference-target',
        `The reference points at a ${type}, which may not stand here; refer to another resource`,
        'reference',
      );
  }

  private targetType(reference: string): string | undefined {
    const form = referenceForm(reference);
    return form === undefined ? undefined : this.typeOf(form, reference);
  }

  /** The type of what a reference points at, where it is known. */
  private typeOf(form: ReferenceForm, reference: string): string | undefined {
    switch (form.kind) {
      case 'local':
        return form.id === '' ? undefined : this.locals?.get(form.id);
      case 'relative':
      case 'conditional':
        return form.type;
      case 'absolute':
        return this.known?.types.get(reference) ?? form.type;
      case 'urn':
        return this.known?.types.get(reference);
    }
  }

  private rules(rules: readonly Rule[], node: Node): void {
    const { scope } = this;
    if (scope === undefined) return;
    for (const rule of rules)
      if (!rule.holds(node, scope)) this.report(rule.id, `${rule.says} (constraint ${rule.id}); correct it`);
  }

  private report(code: FhirIssueCode, text: string, below?: string): void {
    if (this.issues.length >= most) return;
    let path = '';
    for (const step of this.at) path += typeof step === 'number' ? `[${step}]` : path === '' ? step : `.${step}`;
    this.issues.push({ path: below === undefined ? path : `${path}.${below}`, code, text });
  }
}

function hasOne(node: Node, names: readonly string[]): boolean {
  for (const name of names) if (node[name] !== undefined) return true;
  return false;
}

/** Whether `valueDateTime` is a value of one of the types. */
function isOf(form: string, types: readonly string[]): boolean {
  return types.some((type) => form === `value${type.charAt(0).toUpperCase()}${type.slice(1)}`);
}

import { inject, type ComputedRef, type InjectionKey } from "vue";
import type { PolicyForm, ProfileForm, ProfileProblemView, ProfileView } from "../../backend";

/** The problems of the form on screen, for the fields to pick their own. */
export const problemsKey: InjectionKey<ComputedRef<readonly ProfileProblemView[]>> = Symbol("problems");

export function useProblems(): ComputedRef<readonly ProfileProblemView[]> {
  const problems = inject(problemsKey);
  if (problems === undefined) throw new Error("a field of the rules stands outside of their form");
  return problems;
}

/** What is wrong at a field; with `below`, at anything inside of it too. */
export function problemsAt(
  problems: readonly ProfileProblemView[],
  pointer: string,
  below = false,
): ProfileProblemView[] {
  return problems.filter((each) => each.pointer === pointer || (below && each.pointer.startsWith(`${pointer}/`)));
}

/** A key as it stands in a JSON pointer. */
export function pointerKey(text: string): string {
  return text.trim().replaceAll("~", "~0").replaceAll("/", "~1");
}

/** The form of a copy: the same rules under a code of their own. */
export function copyOf(form: ProfileForm): ProfileForm {
  return { ...structuredClone(form), code: `${form.code.replace(/^city:/, "")}-2` };
}

/** The policy that holds for a month in the whole city; the newest where none does. */
export function policyAt(form: ProfileForm, month: string): number {
  const holds = (policy: PolicyForm): boolean =>
    policy.district === "" &&
    policy.effective_from <= month &&
    (policy.effective_to === "" || month <= policy.effective_to);
  const found = form.policies.map(holds).lastIndexOf(true);
  return found === -1 ? form.policies.length - 1 : found;
}

/** The rules with another method in one policy, ready to be looked at and saved. */
export function withMethod(
  view: ProfileView,
  policy: number,
  method: { rounding: string; rounding_scope: string },
): ProfileView {
  const form = view.origin === "own" ? structuredClone(view.form) : copyOf(view.form);
  const { rounding, rounding_scope } = method;
  form.policies = form.policies.map((each, place) => (place === policy ? { ...each, rounding, rounding_scope } : each));
  return { ...view, form };
}

/** A policy that begins where the last one ends, with its figures; the source is to be filled in. */
export function nextPolicy(form: ProfileForm): PolicyForm {
  const blank: PolicyForm = {
    district: "",
    effective_from: "",
    effective_to: "",
    base_floor: "",
    base_ceiling: "",
    amount_floor: "",
    amount_ceiling: "",
    ratio_floor: "5%",
    ratio_ceiling: "12%",
    ratio_step: "",
    equal_ratio: false,
    rounding: "half_up_yuan",
    rounding_scope: "each_side",
    source_title: "",
    source_url: "",
    source_date: "",
  };
  const last = form.policies.at(-1);
  return last === undefined
    ? blank
    : { ...last, effective_from: "", effective_to: "", source_title: "", source_url: "", source_date: "" };
}

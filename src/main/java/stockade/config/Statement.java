package stockade.config;

import java.util.List;

/**
 * A parameter or variable as it is written once.
 *
 * @param isVariable whether it is a variable, "$name"
 * @param appends    whether its values come after those there are, "+="
 * @param written    its name without the dollar sign, its values without the variables in them, and its place
 * @param references the variables in its values, in order
 */
record Statement(Name name, boolean isVariable, boolean appends, Setting written, List<Reference> references) {
}

package stockade.config;

/**
 * The place of a variable, or of a parameter used as one, in the values of a statement.
 *
 * @param value which of the values, from 0
 * @param at    where in the value's text, from 0
 * @param name  of the variable
 */
record Reference(int value, int at, Name name) {
}

/**
 * The service's REST interface as the operator of a home calls it, for the commands of all modules.
 */
@NullMarked
package io.guardbee.operator;

import org.jspecify.annotations.NullMarked;

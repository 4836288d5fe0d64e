/** Guardbee's own commands, run as processes on this machine. */
@NullMarked
package io.guardbee.launch;

import org.jspecify.annotations.NullMarked;

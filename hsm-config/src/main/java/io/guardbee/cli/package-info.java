/** What every Guardbee command line shares: errors, exit codes, colour. */
@NullMarked
package io.guardbee.cli;

import org.jspecify.annotations.NullMarked;

/** Copies of what a home holds and a module does not, and their way back. */
@NullMarked
package io.guardbee.service.backup;

import org.jspecify.annotations.NullMarked;

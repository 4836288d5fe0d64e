/** The operator's commands. */
@NullMarked
package io.guardbee.service.cli;

import org.jspecify.annotations.NullMarked;

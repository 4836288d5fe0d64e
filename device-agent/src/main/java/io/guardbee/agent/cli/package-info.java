/** The {@code guardbee agent} commands. */
@NullMarked
package io.guardbee.agent.cli;

import org.jspecify.annotations.NullMarked;

/** The device agent's program: the one place where its commands are wired together. */
@NullMarked
package io.guardbee.agent;

import org.jspecify.annotations.NullMarked;

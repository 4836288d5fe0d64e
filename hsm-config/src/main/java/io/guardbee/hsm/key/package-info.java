/** Key pairs and certificates as objects in a token, and how a key signs there. */
@NullMarked
package io.guardbee.hsm.key;

import org.jspecify.annotations.NullMarked;

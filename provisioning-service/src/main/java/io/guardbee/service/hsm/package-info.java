/** The tokens of a home, and which certificates depend on the keys in them. */
@NullMarked
package io.guardbee.service.hsm;

import org.jspecify.annotations.NullMarked;

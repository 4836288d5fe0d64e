/** Checks of our own that a certificate fits RFC 5280, made before it is signed. */
@NullMarked
package io.guardbee.service.lint;

import org.jspecify.annotations.NullMarked;

/**
 * Ceremonies: the only moments at which the root's key signs, each with a record that it signed.
 */
@NullMarked
package io.guardbee.service.ceremony;

import org.jspecify.annotations.NullMarked;

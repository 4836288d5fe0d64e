/**
 * Ceremony records of the root, as those read them that hold no key: which authority has a role.
 */
@NullMarked
package io.guardbee.pki.ceremony;

import org.jspecify.annotations.NullMarked;

/** Revocation: certificates withdrawn, every broker told, a receipt of what it did. */
@NullMarked
package io.guardbee.service.revocation;

import org.jspecify.annotations.NullMarked;

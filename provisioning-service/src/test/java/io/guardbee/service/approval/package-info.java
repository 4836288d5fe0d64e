/** Tests of approval from within. */
@NullMarked
package io.guardbee.service.approval;

import org.jspecify.annotations.NullMarked;

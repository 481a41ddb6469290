"""The history checker: what many clients asked and were told, held against the rules of the sale.

`record` is the file, `clients` and `sale` make it with a real server, `checker` judges it. The
judge has its own rendering of answers and its own sums; the rules are those of
`ticketboss.domain`, the shipped ones, whichever server was asked.
"""

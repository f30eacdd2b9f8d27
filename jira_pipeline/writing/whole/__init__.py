"""A ticket whose prose a model writes whole: asked with the rows, judged sentence by sentence.

`answer` is what may be returned; `must_facts` what a ticket has to say, whoever words it; `judging`
says which sentences hold; `whole_ticket` makes the ticket of those. Does not belong here: asking and
paying (`models`), what is right and wrong of one sentence (`completion/prose_checks`).
"""
